/** The notifier's process. */
import { NotifierSettings, runService } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { furnish } from './furnish.js';

await runService({
  name: 'notifier',
  describes: 'Delivers notices over Telegram, e-mail and Slack and keeps the ledger of what became of each.',
  furnish: (house) => furnish(house, readSettings(NotifierSettings)),
});

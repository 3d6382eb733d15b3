/** The notifier's process. */
import { NotifierSettings, runService } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { furnish } from './furnish.js';

await runService({
  name: 'notifier',
  describes: 'Delivers notices over Telegram and e-mail and keeps the ledger of what became of each. Slack notices are kept for a channel to come.',
  furnish: (house) => furnish(house, readSettings(NotifierSettings)),
});

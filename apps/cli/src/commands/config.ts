import { DeliberationSettings } from '@carillon/deliberation';
import { JobScanSettings } from '@carillon/job-scan';
import { MemoryModelSettings, MemorySettings } from '@carillon/memory';
import { AlertSettings, EmailSettings, NotifierSettings, ServiceSettings, SlackSettings, TelegramInboxSettings } from '@carillon/runtime';
import { listSettings } from '@carillon/settings';
import { Command } from 'commander';
import { table } from '../output/table.js';

/** `carillon config`: every variable that is read, with its value here, its default and its meaning. */
export function configCommand(): Command {
  return new Command('config')
    .description('every setting, its value here and its default')
    .option('--json', 'as a JSON array')
    .action(({ json }: { json?: true }) => {
      const settings = listSettings([ServiceSettings, AlertSettings, NotifierSettings, EmailSettings, SlackSettings, TelegramInboxSettings, DeliberationSettings, JobScanSettings, MemorySettings, MemoryModelSettings], { DATABASE_URL: '-', NATS_URL: '-', ...process.env });
      if (json === true) process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
      else process.stdout.write(`${table(['variable', 'value', 'default', 'meaning'], settings.map((one) => [one.env, one.value, one.default, one.describes]))}\n`);
    });
}

import { checkRecurrence, instantOfLocal, localTime, previewInWords, recurrenceInWords } from '@carillon/calendar';
import { reminderListings } from '@carillon/memory';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

/** `carillon reminders`: who is reminded when, without what of; `carillon reminders preview`: when a rule would ring. */
export function remindersCommand(): Command {
  return new Command('reminders')
    .description('reminders of the memory pipeline, without what they say')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(previewCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('those that wait, the soonest first')
    .option('--json', 'everything, as a JSON array')
    .option('--user <id>', "one person's")
    .option('--fired', 'those that rang, the latest first')
    .option('--failing', 'those that could not be fired, and why')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async ({ json, user, fired, failing, limit }: { json?: true; user?: string; fired?: true; failing?: true; limit: number }) => {
      const reminders = await withDatabase((dataSource) => reminderListings(dataSource, { limit, fired: fired === true, failing: failing === true, ...(user !== undefined && { ownerId: user }) }));
      if (json === true) process.stdout.write(`${JSON.stringify(reminders, null, 2)}\n`);
      else if (reminders.length === 0) process.stdout.write('no such reminders\n');
      else process.stdout.write(`${table(['id', 'person', 'at', 'repeats', 'missed', 'trouble'], reminders.map((one) => [one.id, one.ownerId, one.fireAt.toISOString(), one.recurrence === null ? '' : cut(wordsOf(one.recurrence), 60), one.missed, cut(one.lastError ?? '', 80)]))}\n`);
    });
}

function previewCommand(): Command {
  return new Command('preview')
    .description('when a rule of RFC 5545 would ring, in words')
    .argument('<rule>', 'such as "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"')
    .option('--zone <zone>', 'the time zone in which it is read', 'UTC')
    .option('--start <local>', 'when it begins, such as 2026-01-05T09:00; now unless told')
    .option('--count <count>', 'how many times', wholeNumber, 5)
    .action((rule: string, { zone, start, count }: { zone: string; start?: string; count: number }) => {
      const from = start === undefined ? new Date() : instantOfLocal(start, zone);
      const recurrence = checkRecurrence({ kind: 'rule', rule, start: localTime(from, zone), timeZone: zone });
      process.stdout.write(`${previewInWords(recurrence, new Date(from.getTime() - 1_000), zone, count).join('\n')}\n`);
    });
}

function wordsOf(recurrence: Parameters<typeof recurrenceInWords>[0]): string {
  try {
    return recurrenceInWords(recurrence);
  } catch {
    return 'can not be read';
  }
}

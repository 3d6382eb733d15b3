import { userInfo } from 'node:os';
import type { DeadLetterRow, DeadLetterState, HandledLetters } from '@carillon/persistence';
import { LetterDesk } from '@carillon/runtime';
import type { LetterChoice } from '@carillon/runtime';
import { DEAD_LETTER_STATES } from '@carillon/shared';
import { Command, Option } from 'commander';
import { withLedger } from '../ledger.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

interface ListOptions {
  json?: true;
  state: DeadLetterState | 'all';
  reason?: string;
  limit: number;
}

/** `carillon dead-letters`: what nobody could handle, and what to do with it. Works on the database, so also while no service runs. */
export function deadLettersCommand(): Command {
  const command = new Command('dead-letters')
    .description('messages that nobody could handle, and notices that failed for good')
    .option('--json', 'as a JSON array')
    .addOption(new Option('--state <state>', 'which ones').choices([...DEAD_LETTER_STATES]).default('open'))
    .option('--reason <reason>', 'given up as undecodable, invalid, exhausted, unsettled, or notice')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async ({ json, ...filter }: ListOptions) => {
      const letters = await atDesk((desk) => desk.list(filter));
      process.stdout.write(`${json === true ? JSON.stringify(letters, null, 2) : overview(letters)}\n`);
    });
  const redrive = choosing(new Command('redrive').description('send the original messages again'), 're-driven', (desk, choice, by) => desk.redrive(choice, by));
  const discard = choosing(new Command('discard').description('take letters off the list'), 'discarded', (desk, choice, by) => desk.discard(choice, by));
  return command.addCommand(showCommand()).addCommand(redrive).addCommand(discard);
}

function showCommand(): Command {
  return new Command('show')
    .description('one letter with its payload, as JSON')
    .argument('<id>')
    .action(async (id: string) => {
      const letter = await atDesk((desk) => desk.show(idOf(id)));
      process.stdout.write(`${JSON.stringify(letter, null, 2)}\n`);
    });
}

function choosing(command: Command, done: string, act: (desk: LetterDesk, choice: LetterChoice, by: string) => Promise<HandledLetters>): Command {
  return command
    .argument('[ids...]')
    .option('--all', 'every open one')
    .option('--reason <reason>', 'with --all: those of one reason')
    .option('--again', 'also those that were handled before')
    .action(async (ids: string[], options: Omit<LetterChoice, 'ids'>) => {
      const handled = await atDesk((desk) => act(desk, { ...options, ...(ids.length > 0 && { ids: ids.map(idOf) }) }, `${userInfo().username} on the command line`));
      process.stdout.write([`${handled.done.length} ${done}`, ...handled.refused.map(({ id, why }) => `! ${id}: ${why}`), ''].join('\n'));
      if (handled.refused.length > 0) process.exitCode = 1;
    });
}

function atDesk<T>(ask: (desk: LetterDesk) => Promise<T>): Promise<T> {
  return withLedger((dataSource) => ask(new LetterDesk(dataSource, { info: () => undefined })));
}

function idOf(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new Error(`"${id}" is not the id of a dead letter: "carillon dead-letters" lists them`);
  return id;
}

function overview(letters: DeadLetterRow[]): string {
  if (letters.length === 0) return 'no dead letters';
  return table(['id', 'since', 'subject', 'reason', 'tries', 'error'], letters.map((one) => [one.id, one.createdAt.toISOString(), cut(one.subject, 50), one.reason, one.deliveries, cut(one.error ?? '', 80)]));
}

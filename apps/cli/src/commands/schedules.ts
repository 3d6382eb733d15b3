import { triggerInWords } from '@carillon/engine';
import { listSchedules, showSchedule } from '@carillon/persistence';
import type { ScheduleView } from '@carillon/persistence';
import { Command } from 'commander';
import { withLedger } from '../ledger.js';
import { scheduleDetails } from '../output/schedule-details.js';
import { cut, table } from '../output/table.js';
import { changeCommands } from './schedule-changes.js';
import { wholeNumber } from './runs.js';

interface ListOptions {
  json?: true;
  pipeline?: string;
  scope?: string;
  after?: string;
  limit: number;
}

/** `carillon schedules`: what is due when, what it still waits for, and every change. */
export function schedulesCommand(): Command {
  const command = new Command('schedules')
    .description('what rings when')
    // Behind the name of a change, --scope is the change's.
    .enablePositionalOptions()
    .option('--json', 'as a JSON array')
    .option('--pipeline <name>', 'of one pipeline')
    .option('--scope <scope>', 'of one tenant, team or source')
    .option('--after <name>', 'names after this one')
    .option('--limit <count>', 'how many', wholeNumber, 100)
    .action(async ({ json, ...filter }: ListOptions) => {
      const schedules = await withLedger((dataSource) => listSchedules(dataSource, filter));
      process.stdout.write(`${json === true ? JSON.stringify(schedules, null, 2) : overview(schedules)}\n`);
    });
  for (const one of [showCommand(), ...changeCommands()]) command.addCommand(one);
  return command;
}

function showCommand(): Command {
  return new Command('show')
    .description('one schedule: its policies, the next instants, and what became of the last ones')
    .argument('<name>')
    .option('--json', 'everything, as a JSON object')
    .option('--occurrences <count>', 'how many of the last instants', wholeNumber, 20)
    .action(async (name: string, { json, occurrences }: { json?: true; occurrences: number }) => {
      const details = await withLedger((dataSource) => showSchedule(dataSource, name, { occurrences }));
      if (!details) throw new Error(`there is no schedule "${name}": "carillon schedules" lists those there are`);
      process.stdout.write(`${json === true ? JSON.stringify(details, null, 2) : scheduleDetails(details)}\n`);
    });
}

function overview(schedules: readonly ScheduleView[]): string {
  const rows = schedules.map((one) => [one.name, one.scope, cut(triggerInWords(one.trigger), 60), one.pausedAt ? 'paused' : (one.nextDueAt?.toISOString() ?? ''), one.failuresInRow, cut(one.lastError ?? one.waitingFor ?? '', 70)]);
  return table(['name', 'scope', 'rings', 'next look', 'failures', 'waits for'], rows);
}

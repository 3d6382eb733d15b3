import { listSchedules } from '@carillon/persistence';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';

/** `carillon schedules`: what is due when, and what a threshold still waits for. */
export function schedulesCommand(): Command {
  return new Command('schedules')
    .description('what rings when')
    .option('--json', 'as a JSON array')
    .action(async ({ json }: { json?: true }) => {
      const schedules = await withDatabase((dataSource) => listSchedules(dataSource));
      if (json === true) process.stdout.write(`${JSON.stringify(schedules, null, 2)}\n`);
      else process.stdout.write(`${table(['pipeline', 'scope', 'trigger', 'next look', 'waits for', 'failures'], schedules.map((one) => [one.pipeline, one.scope, one.trigger.kind, one.nextDueAt?.toISOString() ?? '', cut(one.lastError ?? one.waitingFor ?? '', 70), one.failuresInRow]))}\n`);
    });
}

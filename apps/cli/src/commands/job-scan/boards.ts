import { listBoards } from '@carillon/job-scan';
import { Command } from 'commander';
import { withDatabase } from '../../database.js';
import { cut, table } from '../../output/table.js';

/** `carillon job-scan boards`: how each board is, those in trouble first. */
export function boardsCommand(): Command {
  return new Command('boards')
    .description('how each board is: when it last worked, how often it failed since, and what is stored of it')
    .option('--json', 'as a JSON array')
    .action(async ({ json }: { json?: true }) => {
      const boards = await withDatabase((dataSource) => listBoards(dataSource));
      if (json === true) return void process.stdout.write(`${JSON.stringify(boards, null, 2)}\n`);
      const rows = boards.map((one) => [cut(one.name, 30), `${one.type}:${one.identifier}`, one.state, one.lastSuccessAt?.toISOString() ?? 'never', one.failuresInRow, one.open, one.closed, cut([one.lastError ?? '', one.cappedBy === null ? '' : `${one.cappedBy} beyond the cap`].filter((text) => text !== '').join('; '), 100)]);
      process.stdout.write(boards.length === 0 ? 'no boards yet: "carillon job-scan run" scans those of its configuration\n' : `${table(['board', 'id', 'is', 'last worked', 'failures', 'open', 'closed', 'remarks'], rows)}\n`);
    });
}

import { resolve } from 'node:path';
import { dropMonth, historyMonths } from '@carillon/persistence';
import type { HistoryMonth } from '@carillon/persistence';
import { exportMonth } from '@carillon/runtime';
import type { ArchivedTable } from '@carillon/runtime';
import { Command, InvalidArgumentError } from 'commander';
import { withLedger } from '../ledger.js';
import { table } from '../output/table.js';

/** `carillon history`: the months of runs and steps, and what becomes of them. */
export function historyCommand(): Command {
  const months = (): Command => new Command('months').description('the months that there are').option('--json', 'as a JSON array').action(async ({ json }: { json?: true }) => {
    const found = await withLedger((dataSource) => historyMonths(dataSource));
    process.stdout.write(`${json === true ? JSON.stringify(found, null, 2) : overview(found)}\n`);
  });
  const exported = new Command('export')
    .description('write a month as gzipped JSON Lines')
    .argument('<month>', 'such as 2026-11', monthOf)
    .requiredOption('--to <folder>', 'where to')
    .action(async (month: string, { to }: { to: string }) => {
      const archived = await withLedger((dataSource) => exportMonth(dataSource, month, resolve(to)));
      process.stdout.write(archived.map(told).join(''));
    });
  const drop = new Command('drop')
    .description('drop a month that is over; with --archive it is exported first, and stays unless the files hold every row')
    .argument('<month>', 'such as 2025-10', monthOf)
    .option('--archive <folder>', 'export it there first')
    .option('--without-archive', 'drop it for good')
    .action(async (month: string, { archive, withoutArchive }: { archive?: string; withoutArchive?: true }) => {
      if ((archive === undefined) === (withoutArchive === undefined)) throw new Error(`say what becomes of ${month}: --archive FOLDER keeps it in files, --without-archive keeps nothing`);
      await withLedger(async (dataSource) => {
        const archived = archive === undefined ? undefined : await exportMonth(dataSource, month, resolve(archive));
        process.stdout.write((archived ?? []).map(told).join(''));
        await dropMonth(dataSource, month, archived && new Map(archived.map((one) => [one.table, one.rows])));
      });
      process.stdout.write(`${month} was dropped\n`);
    });
  return new Command('history').description('run and step history by month').addCommand(months(), { isDefault: true }).addCommand(exported).addCommand(drop);
}

function monthOf(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('Write a month as 2026-11.');
  return text;
}

const told = ({ file, rows, bytes }: ArchivedTable): string => `${file}: ${rows} rows, ${bytes} bytes\n`;

function overview(months: HistoryMonth[]): string {
  const total = (month: HistoryMonth, read: (one: HistoryMonth['tables'][number]) => number): number => month.tables.reduce((sum, one) => sum + read(one), 0);
  return table(['month', 'rows (about)', 'MiB', 'not over', 'tables'], months.map((one) => [one.month, total(one, ({ rows }) => rows), Number((total(one, ({ bytes }) => bytes) / 1_048_576).toFixed(1)), one.active, one.tables.map(({ name }) => name).join(' ')]));
}

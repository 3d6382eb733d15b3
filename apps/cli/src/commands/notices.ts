import { NoticeLedger } from '@carillon/persistence';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

/** `carillon notices`: the delivery ledger. */
export function noticesCommand(): Command {
  return new Command('notices')
    .description('what was told to whom, and whether it arrived')
    .option('--json', 'as a JSON array')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async ({ json, limit }: { json?: true; limit: number }) => {
      const notices = await withDatabase((dataSource) => new NoticeLedger(dataSource).list({ limit }));
      if (json === true) process.stdout.write(`${JSON.stringify(notices, null, 2)}\n`);
      else process.stdout.write(`${table(['created', 'channel', 'to', 'type', 'status', 'text'], notices.map((one) => [one.createdAt.toISOString(), one.channel, one.recipient, one.messageType, one.status, cut(one.error ?? one.text ?? '', 80)]))}\n`);
    });
}

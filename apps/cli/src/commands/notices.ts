import { closedMailboxes, NOTICE_STATUSES, NoticeLedger, redriveNotices, reopenMailbox } from '@carillon/persistence';
import type { Channel, NoticeFilter, NoticeRow, RedriveChoice } from '@carillon/persistence';
import { Command, Option } from 'commander';
import { withLedger } from '../ledger.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

const CHANNELS: readonly Channel[] = ['telegram', 'email', 'slack'];

/** `carillon notices`: the delivery ledger, and what to do about what did not arrive. Works on the database, so also while no service runs. */
export function noticesCommand(): Command {
  return new Command('notices')
    .description('what was told to whom, and whether it arrived')
    .option('--json', 'as a JSON array')
    .option('--recipient <recipient>', 'to one recipient')
    .option('--run <id>', 'of one run')
    .option('--key <key>', 'with this deduplication key')
    .option('--type <type>', 'of one message type')
    .addOption(new Option('--channel <channel>', 'on one channel').choices(CHANNELS))
    .addOption(new Option('--status <status>', 'which ones').choices(NOTICE_STATUSES))
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async ({ json, run, key, type, ...filter }: NoticeFilter & { json?: true; run?: string; key?: string; type?: string }) => {
      const asked: NoticeFilter = { ...filter, ...(run !== undefined && { runId: idOf(run) }), ...(key !== undefined && { dedupeKey: key }), ...(type !== undefined && { messageType: type }) };
      const notices = await withLedger((dataSource) => new NoticeLedger(dataSource).list(asked));
      process.stdout.write(`${json === true ? JSON.stringify(notices, null, 2) : overview(notices)}\n`);
    })
    .addCommand(redriveCommand())
    .addCommand(closedCommand())
    .addCommand(reopenCommand());
}

function redriveCommand(): Command {
  return new Command('redrive')
    .description('send notices again that are dead, undeliverable or uncertain')
    .argument('[ids...]')
    .addOption(new Option('--all <status>', 'every one of this status').choices(['dead', 'undeliverable', 'uncertain']))
    .option('--recipient <recipient>', 'with --all: those to one recipient')
    .option('--type <type>', 'with --all: those of one message type')
    .option('--again', 'also uncertain ones, marked as possibly repeated')
    .action(async (ids: string[], { all, recipient, type, again }: { all?: RedriveChoice['status']; recipient?: string; type?: string; again?: true }) => {
      if ((ids.length > 0) === (all !== undefined)) throw new Error('say which: either ids, or --all with a status');
      const choice: RedriveChoice = { again: again ?? false, ...(all === undefined ? { ids: ids.map(idOf) } : { status: all }), ...(recipient !== undefined && { recipient }), ...(type !== undefined && { messageType: type }) };
      const { done, refused } = await withLedger((dataSource) => redriveNotices(dataSource, choice));
      process.stdout.write([`${done.length} will be sent again`, ...refused.map(({ id, why }) => `! ${id}: ${why}`), ''].join('\n'));
      if (refused.length > 0) process.exitCode = 1;
    });
}

function closedCommand(): Command {
  return new Command('closed')
    .description('addresses where nobody is reached any more')
    .option('--json', 'as a JSON array')
    .action(async ({ json }: { json?: true }) => {
      const closed = await withLedger((dataSource) => closedMailboxes(dataSource, 500));
      const rows = closed.map((one) => [one.closedAt.toISOString(), one.channel, /^https?:/.test(one.address) ? '(webhook)' : one.address, one.recipients.join(', '), cut(one.closedBecause, 80)]);
      if (json === true) process.stdout.write(`${JSON.stringify(closed, null, 2)}\n`);
      else process.stdout.write(`${rows.length === 0 ? 'every address is open' : table(['since', 'channel', 'address', 'recipients', 'why'], rows)}\n`);
    });
}

function reopenCommand(): Command {
  return new Command('reopen')
    .description('somebody is there again: send to this recipient or address from now on')
    .argument('<recipient>')
    .addOption(new Option('--channel <channel>', 'on which channel').choices(CHANNELS).default('telegram'))
    .action(async (recipient: string, { channel }: { channel: Channel }) => {
      const reopened = await withLedger((dataSource) => reopenMailbox(dataSource.manager, channel, recipient));
      process.stdout.write(reopened ? `${recipient} is open again; "carillon notices redrive --all undeliverable --recipient ${recipient}" sends what ended meanwhile\n` : `${recipient} was not closed on ${channel}\n`);
    });
}

function idOf(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new Error(`"${id}" is no id: "carillon notices --json" and "carillon runs" show them`);
  return id;
}

function overview(notices: readonly NoticeRow[]): string {
  return table(['created', 'channel', 'to', 'type', 'status', 'text'], notices.map((one) => [one.createdAt.toISOString(), one.channel, one.recipient, one.messageType, one.status, cut(one.error ?? one.text ?? '', 80)]));
}

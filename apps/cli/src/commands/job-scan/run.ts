import { setTimeout as delay } from 'node:timers/promises';
import { createJobScanServices, OfflineBoards, pipelineRunResult, scanOnce } from '@carillon/job-scan';
import type { PipelineRunResult } from '@carillon/job-scan';
import { Command } from 'commander';
import { withDatabase } from '../../database.js';
import { cut, table } from '../../output/table.js';
import { wholeNumber } from '../runs.js';
import { configFile } from './config-path.js';

type Database = Parameters<Parameters<typeof withDatabase>[0]>[0];

interface Options {
  config?: string;
  offline?: string;
  json?: true;
  waitMail: number;
}

const LOOK_EVERY_MS = 250;
const OPEN = ['queued', 'sending', 'failed'];

/** `carillon job-scan run`: one scan, here and now. Exit 1 when a board, a posting or a mail failed. */
export function scanCommand(): Command {
  return new Command('run')
    .description('scan every board once, tell whom it concerns, and show what came of it; exit 1 when anything failed, mails included')
    .option('--config <file>', 'the configuration')
    .option('--offline <folder>', 'recorded boards instead of real ones: <type>-<identifier>.json or .xml')
    .option('--wait-mail <seconds>', 'how long to wait until what is told has been delivered; what has not by then counts as failed', wholeNumber, 60)
    .option('--json', 'the result as JSON')
    .action(async ({ config, offline, json, waitMail }: Options) => {
      const file = configFile(config);
      for (const warning of file.current?.config.warnings ?? []) process.stderr.write(`warning: ${warning}\n`);
      await withDatabase(async (dataSource) => {
        const services = createJobScanServices({ dataSource, file, ...(offline !== undefined && { fetcher: new OfflineBoards(offline, file.current?.config.sources ?? []) }) });
        try {
          const scanned = await scanOnce(services, { signal: AbortSignal.timeout(3_600_000), onBoard: (source, error) => void process.stderr.write(`${source.name}: ${error === undefined ? 'read' : cut((error as Error).message, 200)}\n`) });
          const result = scanned.skipped ? scanned : await delivered(dataSource, scanned.runId, waitMail * 1_000);
          process.stdout.write(`${json === true ? JSON.stringify(result, null, 2) : inWords(result)}\n`);
          if (result.skipped || result.hadErrors || undelivered(result) > 0) process.exitCode = 1;
        } finally {
          await services.close();
        }
      });
    });
}

/** Mails go out by the notifier, in its own time. */
async function delivered(dataSource: Database, runId: string, withinMs: number): Promise<PipelineRunResult> {
  for (const end = Date.now() + withinMs; ; ) {
    const result = await pipelineRunResult(dataSource, runId);
    if (undelivered(result) === 0 || Date.now() >= end) return result;
    await delay(LOOK_EVERY_MS);
  }
}

const undelivered = ({ notices }: PipelineRunResult): number => OPEN.reduce((total, status) => total + (notices[status] ?? 0), 0);

function inWords(result: PipelineRunResult): string {
  if (result.skipped) return 'skipped: another scan is under way';
  const rows = result.sourceStats.map((one) => [cut(one.name, 30), one.sourceId, one.fetched, one.upserted, one.matched, one.notified, one.closed, one.errorCount, cut([one.errorMessage ?? '', ...one.problems, one.unchanged ? 'unchanged' : '', one.cappedBy === null ? '' : `${one.cappedBy} beyond the cap`].filter((text) => text !== '').join('; '), 100)]);
  const notices = Object.entries(result.notices).map(([status, count]) => `${count} ${status}`).join(', ') || 'none';
  const waiting = undelivered(result);
  return [
    table(['board', 'id', 'fetched', 'stored', 'matched', 'told', 'closed', 'errors', 'remarks'], rows),
    `${result.fetched} fetched, ${result.upserted} stored, ${result.matched} matched, ${result.notified} told, ${result.errors} errors in ${result.totalDurationSeconds.toFixed(1)} s; notices: ${notices}`,
    ...(waiting > 0 ? [`${waiting} notices are not delivered yet: does the notifier run, and does it reach its mail server?`] : []),
  ].join('\n');
}

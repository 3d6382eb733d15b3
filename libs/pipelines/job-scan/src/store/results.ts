/** What a run came to, for people and for exit codes: counted from rows, also of mails that were sent long after the run was over. */
import { listItems, newId } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { SourceRun } from '../entities.js';

export interface SourceRunStats {
  /** `type:identifier`. */
  sourceId: string;
  name: string;
  fetched: number;
  normalized: number;
  upserted: number;
  matched: number;
  /** Matches that were told: their notices are filed, or wait in a digest. */
  notified: number;
  closed: number;
  reopened: number;
  unchanged: boolean;
  /** Postings beyond the cap, which were not read. */
  cappedBy: number | null;
  errorCount: number;
  hadErrors: boolean;
  errorMessage: string | null;
  problems: string[];
  durationSeconds: number;
}

export interface PipelineRunResult {
  runId: string;
  runStartedAt: Date | null;
  runFinishedAt: Date | null;
  totalDurationSeconds: number;
  fetched: number;
  normalized: number;
  upserted: number;
  matched: number;
  notified: number;
  errors: number;
  /** Notices of this run by what became of them. */
  notices: Record<string, number>;
  alertsSent: number;
  hadErrors: boolean;
  skipped: boolean;
  sourceStats: SourceRunStats[];
}

const FAILED_NOTICES = ['dead', 'uncertain', 'failed'];

export async function pipelineRunResult(dataSource: DataSource, runId: string): Promise<PipelineRunResult> {
  const rows = await dataSource.manager.query<(SourceRun & { notified: number })[]>(
    `SELECT r.type, r.identifier, r.name, r.at, r.fetched, r.normalized, r.upserted, r.matched, r.closed, r.reopened, r.unchanged, r.capped_by AS "cappedBy", r.problems, r.error, r.duration_ms AS "durationMs",
       (SELECT count(*)::int FROM job_scan.alert a JOIN job_scan.posting p ON p.job_key = a.job_key
        WHERE a.run_id = r.run_id AND a.decision IN ('posting', 'run', 'day') AND p.source_type = r.type AND p.source_identifier = r.identifier) AS notified
     FROM job_scan.source_run r WHERE run_id = $1 ORDER BY r.name, r.type, r.identifier`,
    [runId],
  );
  const notices = await dataSource.manager.query<{ status: string; count: number }[]>('SELECT status, count(*)::int AS count FROM notices.notice WHERE run_id = $1 GROUP BY status', [runId]);
  const known = rows.map(statsOf);
  const unwritten = (await listItems(dataSource, { runId, step: 'scanBoards', status: 'failed', limit: 1_000 })).filter(({ key }) => !known.some(({ sourceId }) => sourceId === key));
  return resultOf(runId, [...known, ...unwritten.map(({ key, error }) => unwrittenStats(key, error?.message ?? 'it failed'))], Object.fromEntries(notices.map(({ status, count }) => [status, count])), rows.map(({ at, durationMs }) => [at, new Date(at.getTime() + durationMs)]));
}

/** A scan that did not begin because another one is under way. */
export const skippedResult = (): PipelineRunResult => ({ ...resultOf(newId(), [], {}, []), skipped: true });

function resultOf(runId: string, sourceStats: SourceRunStats[], notices: Record<string, number>, times: [Date, Date][]): PipelineRunResult {
  const sum = (key: 'fetched' | 'normalized' | 'upserted' | 'matched' | 'notified' | 'errorCount'): number => sourceStats.reduce((total, one) => total + one[key], 0);
  const failed = FAILED_NOTICES.reduce((total, status) => total + (notices[status] ?? 0), 0);
  const started = times.length === 0 ? null : new Date(Math.min(...times.map(([from]) => from.getTime())));
  const finished = times.length === 0 ? null : new Date(Math.max(...times.map(([, to]) => to.getTime())));
  return {
    ...{ runId, runStartedAt: started, runFinishedAt: finished, totalDurationSeconds: started && finished ? (finished.getTime() - started.getTime()) / 1_000 : 0 },
    ...{ fetched: sum('fetched'), normalized: sum('normalized'), upserted: sum('upserted'), matched: sum('matched'), notified: sum('notified'), errors: sum('errorCount') + failed },
    ...{ notices, alertsSent: (notices['sent'] ?? 0) + (notices['dry-run'] ?? 0), hadErrors: failed > 0 || sourceStats.some(({ hadErrors }) => hadErrors), skipped: false, sourceStats },
  };
}

function statsOf({ type, identifier, name, fetched, normalized, upserted, matched, notified, closed, reopened, unchanged, cappedBy, problems, error, durationMs }: SourceRun & { notified: number }): SourceRunStats {
  const errorCount = problems.length + (error === null ? 0 : 1);
  return {
    ...{ sourceId: `${type}:${identifier}`, name, fetched, normalized, upserted, matched, notified, closed, reopened, unchanged, cappedBy, problems },
    ...{ errorCount, hadErrors: errorCount > 0, errorMessage: error, durationSeconds: durationMs / 1_000 },
  };
}

/** A board whose scan could be read and not be written left nothing but the engine's own record. */
function unwrittenStats(sourceId: string, error: string): SourceRunStats {
  const [type = '', ...identifier] = sourceId.split(':');
  return { ...statsOf({ ...NOTHING, type, identifier: identifier.join(':'), name: sourceId, error }), sourceId };
}

const NOTHING: SourceRun & { notified: number } = {
  ...{ runId: '', type: '', identifier: '', name: '', at: new Date(0), fetched: 0, normalized: 0, upserted: 0, matched: 0, notified: 0, closed: 0, reopened: 0 },
  ...{ unchanged: false, cappedBy: null, problems: [], error: null, durationMs: 0 },
};

/** Once for each source of a run; what is tried again replaces what was there. */
export async function writeSourceRun(manager: EntityManager, row: Partial<SourceRun> & Pick<SourceRun, 'runId' | 'type' | 'identifier' | 'name' | 'at'>): Promise<void> {
  await manager.upsert(SourceRun, { ...row }, ['runId', 'type', 'identifier']);
}

/** What a run came to is remembered for so long. */
const REMEMBERED = '400 days';

export async function forgetOldRuns(manager: EntityManager): Promise<void> {
  await manager.query(`DELETE FROM job_scan.source_run WHERE at < engine.clock() - interval '${REMEMBERED}'`);
  await manager.query(`DELETE FROM job_scan.digest WHERE at < engine.clock() - interval '${REMEMBERED}'`);
}

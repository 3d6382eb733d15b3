/** What the watch over the house looks at: bounded look-ups over small or partial indexes, nothing that grows with the history. */
import type { AlertPolicy, DecidedOccurrence } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import type { AlertRoute } from './alerts.js';

/** What differs for one schedule from the settings. */
export type ScheduleAlerts = Partial<AlertPolicy & AlertRoute>;

export interface FailingSchedule {
  scheduleId: string;
  name: string;
  pipeline: string;
  scope: string;
  failures: number;
  alerts: ScheduleAlerts | null;
  /** The episode that is open, and how bad it was when it was told. */
  alertId: string | null;
  told: number | null;
  /** The schedule was deleted. */
  gone: boolean;
}

export interface LateOccurrence extends DecidedOccurrence {
  scheduleId: string;
  name: string;
  pipeline: string;
  scope: string;
  alerts: ScheduleAlerts | null;
  scheduledFor: Date;
  /** As the database writes it: a Date would lose its microseconds, and the same occurrence would be news again. */
  decidedAt: string;
  runId: string | null;
  reason: string | null;
}

export interface Backlog {
  pipeline: string;
  steps: number;
  oldestMs: number;
}

/** An open episode about a schedule, with what the schedule's latest occurrence says now. */
export interface OpenOccurrenceAlert {
  alertId: string;
  /** Null when nothing was decided yet. */
  latest: DecidedOccurrence | null;
  alerts: ScheduleAlerts | null;
  scheduleGone: boolean;
}

const AT_ONCE = 1_000;
/** What was decided longer ago and not told is no news. */
const NEWS_FOR = '1 day';

/** Schedules whose failures changed: those with failures and no open episode, the worst first, and open episodes whose schedule moved on. */
export async function failingSchedules(dataSource: DataSource): Promise<FailingSchedule[]> {
  return dataSource.manager.query(
    `(SELECT s.id AS "scheduleId", s.name, s.pipeline, s.scope, s.failures_in_row AS failures, s.alerts, NULL::uuid AS "alertId", NULL::int AS told, false AS gone
      FROM engine.schedule s WHERE s.failures_in_row > 0 AND NOT EXISTS (SELECT FROM engine.alert a WHERE a.kind = 'failing' AND a.subject = s.id::text AND a.closed_at IS NULL)
      ORDER BY s.failures_in_row DESC LIMIT $1)
     UNION ALL
     (SELECT coalesce(s.id, a.subject::uuid), coalesce(s.name, a.pipeline), a.pipeline, a.scope, coalesce(s.failures_in_row, 0), s.alerts, a.id, a.told, s.id IS NULL
      FROM engine.alert a LEFT JOIN engine.schedule s ON s.id = a.subject::uuid WHERE a.kind = 'failing' AND a.closed_at IS NULL AND s.failures_in_row IS DISTINCT FROM a.told LIMIT $1)`,
    [AT_ONCE],
  );
}

/** Occurrences of the last day that were decided late or will never run, and runs that still wait in a queue, unless an episode covers them. */
export async function lateOccurrences(dataSource: DataSource, leastLateMs: number): Promise<LateOccurrence[]> {
  return dataSource.manager.query(
    `SELECT o.*, s.name, s.pipeline, s.scope, s.alerts FROM (
       (SELECT schedule_id AS "scheduleId", scheduled_for AS "scheduledFor", outcome, reason, run_id AS "runId", decided_at::text AS "decidedAt", (extract(epoch FROM decided_at - scheduled_for) * 1000)::float8 AS "lateByMs"
        FROM engine.occurrence o WHERE outcome IN ('expired', 'coalesced') AND decided_at > engine.clock() - interval '${NEWS_FOR}'
          AND NOT EXISTS (SELECT FROM engine.alert a WHERE a.kind = 'missed' AND a.subject = o.schedule_id::text AND a.seen_through >= o.decided_at) ORDER BY decided_at LIMIT $2)
       UNION ALL
       (SELECT schedule_id, scheduled_for, outcome, reason, run_id, decided_at::text, (extract(epoch FROM decided_at - scheduled_for) * 1000)::float8
        FROM engine.occurrence o WHERE outcome = 'ran' AND decided_at - scheduled_for > interval '10 seconds' AND decided_at - scheduled_for > $1 * interval '1 millisecond' AND decided_at > engine.clock() - interval '${NEWS_FOR}'
          AND NOT EXISTS (SELECT FROM engine.alert a WHERE a.kind = 'late' AND a.subject = o.schedule_id::text AND a.seen_through >= o.decided_at) ORDER BY decided_at LIMIT $2)
       UNION ALL
       (SELECT r.schedule_id, r.scheduled_for, 'ran', 'its run waits in the queue of its scope', q.run_id, q.requested_at::text, (extract(epoch FROM engine.clock() - r.scheduled_for) * 1000)::float8
        FROM (SELECT run_id, requested_at FROM engine.active_run WHERE status = 'queued' AND requested_at < engine.clock() - $1 * interval '1 millisecond' ORDER BY requested_at LIMIT $2) q
        JOIN engine.run r ON r.id = q.run_id WHERE r.schedule_id IS NOT NULL AND r.scheduled_for IS NOT NULL
          AND NOT EXISTS (SELECT FROM engine.alert a WHERE a.kind = 'late' AND a.subject = r.schedule_id::text AND a.seen_through >= q.requested_at))
     ) o JOIN engine.schedule s ON s.id = o."scheduleId" ORDER BY o."decidedAt"`,
    [leastLateMs, AT_ONCE],
  );
}

/** Open episodes about late or missed occurrences, with the latest instant that was decided since. */
export async function openOccurrenceAlerts(dataSource: DataSource): Promise<OpenOccurrenceAlert[]> {
  return dataSource.manager.query(
    `SELECT a.id AS "alertId", s.alerts, s.id IS NULL AS "scheduleGone", (SELECT json_build_object('outcome', o.outcome, 'lateByMs', extract(epoch FROM greatest(o.decided_at, r.started_at) - o.scheduled_for) * 1000)
       FROM engine.occurrence o LEFT JOIN engine.run r ON r.id = o.run_id WHERE o.schedule_id = s.id AND o.outcome <> 'skipped' ORDER BY o.scheduled_for DESC LIMIT 1) AS latest
     FROM engine.alert a LEFT JOIN engine.schedule s ON s.id = a.subject::uuid WHERE a.kind IN ('late', 'missed') AND a.closed_at IS NULL ORDER BY a.opened_at LIMIT $1`,
    [AT_ONCE],
  );
}

export interface StalledSchedule {
  scheduleId: string;
  name: string;
  pipeline: string;
  scope: string;
  alerts: ScheduleAlerts | null;
  error: string;
  forMs: number;
}

/** Schedules that could not be looked at for a while and that no episode covers, the longest first. */
export async function stalledSchedules(dataSource: DataSource, leastMs: number): Promise<StalledSchedule[]> {
  return dataSource.manager.query(
    `SELECT s.id AS "scheduleId", s.name, s.pipeline, s.scope, s.alerts, s.last_error AS error, (extract(epoch FROM engine.clock() - s.error_since) * 1000)::float8 AS "forMs"
     FROM engine.schedule s WHERE s.last_error IS NOT NULL AND s.paused_at IS NULL AND s.error_since < engine.clock() - $1 * interval '1 millisecond'
       AND NOT EXISTS (SELECT FROM engine.alert a WHERE a.kind = 'stalled' AND a.subject = s.id::text AND a.closed_at IS NULL) ORDER BY s.error_since LIMIT $2`,
    [leastMs, AT_ONCE],
  );
}

/** Open episodes of schedules that can be looked at again, are paused, or are gone. */
export async function endedStalls(dataSource: DataSource): Promise<{ alertId: string; name: string | null; alerts: ScheduleAlerts | null }[]> {
  return dataSource.manager.query(
    `SELECT a.id AS "alertId", s.name, s.alerts FROM engine.alert a LEFT JOIN engine.schedule s ON s.id = a.subject::uuid
     WHERE a.kind = 'stalled' AND a.closed_at IS NULL AND (s.last_error IS NULL OR s.paused_at IS NOT NULL) LIMIT $1`,
    [AT_ONCE],
  );
}

/** By pipeline: steps that are due since before the limit's half, so that an open episode is seen to shrink. */
export async function backlogs(dataSource: DataSource): Promise<Backlog[]> {
  return dataSource.manager.query(
    `SELECT pipeline, count(*)::int AS steps, (extract(epoch FROM engine.clock() - min(due_at)) * 1000)::float8 AS "oldestMs" FROM engine.active_run
     WHERE status = 'due' OR status = 'waiting' AND due_at < engine.clock() GROUP BY pipeline`,
  );
}

/** Up to `most`: beyond it nobody counts. */
export async function openDeadLetters(dataSource: DataSource, most: number): Promise<number> {
  const [row] = await dataSource.manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM (SELECT FROM engine.dead_letter WHERE redriven_at IS NULL AND discarded_at IS NULL LIMIT $1) d', [most]);
  return row?.count ?? 0;
}

/** The last failed run of a schedule's pipeline and scope, as it was when it failed just now; undefined when it is not among the last week's. */
export async function lastFailure(dataSource: DataSource, pipeline: string, scope: string): Promise<{ runId: string; error: string | null } | undefined> {
  const [run] = await dataSource.manager.query<{ runId: string; error: string | null }[]>(
    `SELECT id AS "runId", errors->>0 AS error FROM engine.run WHERE pipeline = $1 AND scope = $2 AND status IN ('failed', 'partial') AND id >= engine.first_id_of(engine.clock() - interval '7 days') ORDER BY id DESC LIMIT 1`,
    [pipeline, scope],
  );
  return run;
}

export interface EngineFacts {
  /** Null where there never was a scheduler. */
  beatAgeMs: number | null;
  lookAgeMs: number | null;
  /** The episode of silence that is open. */
  alertId: string | null;
}

/** The schedulers as any other process sees them. */
export async function engineSigns(dataSource: DataSource): Promise<EngineFacts> {
  const [row] = await dataSource.manager.query<EngineFacts[]>(
    `SELECT (SELECT id FROM engine.alert WHERE kind = 'silent' AND subject = 'engine' AND closed_at IS NULL) AS "alertId", (extract(epoch FROM engine.clock() - max(coalesce(stopped_at, beat_at))) * 1000)::float8 AS "beatAgeMs",
            (extract(epoch FROM engine.clock() - max((detail->>'lookedAt')::timestamptz) FILTER (WHERE stopped_at IS NULL)) * 1000)::float8 AS "lookAgeMs"
     FROM engine.service WHERE name = 'scheduler'`,
  );
  return row ?? { beatAgeMs: null, lookAgeMs: null, alertId: null };
}

/** A scheduler says when its drum last looked at the schedules; the heartbeat thread can not know. */
export async function sayLooked(dataSource: DataSource, serviceId: string, lookAgeMs: number): Promise<void> {
  await dataSource.manager.query(`UPDATE engine.service SET detail = detail || jsonb_build_object('lookedAt', engine.clock() - $2 * interval '1 millisecond') WHERE id = $1`, [serviceId, lookAgeMs]);
}

/** Schedules as people and programs read them: what rings when, what it waits for, and what became of what was owed. */
import { nextLook } from '@carillon/engine';
import type { DaylightPolicy, JsonObject, MisfirePolicy, OverlapPolicy, Trigger } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { SCHEDULE_COLUMNS, timed } from './schedule-rows.js';
import type { ScheduleRow } from './schedule-rows.js';
import { inOneSnapshot } from './transaction.js';

export interface ScheduleView {
  name: string;
  pipeline: string;
  scope: string;
  /** `code`: defined by the pipeline; `runtime`: made by somebody while everything ran. */
  source: 'code' | 'runtime';
  trigger: Trigger;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  daylight: DaylightPolicy;
  jitterMs: number;
  deadlineMs: number | null;
  params: JsonObject;
  priority: number;
  version: number;
  nextDueAt: Date | null;
  pausedAt: Date | null;
  lastStartedAt: Date | null;
  lastSuccessStartedAt: Date | null;
  failuresInRow: number;
  /** What it still waits for, in words. */
  waitingFor: string | null;
  /** What its sensor listed as missing. */
  waitingList: string[];
  lastError: string | null;
}

export interface OccurrenceView {
  scheduledFor: Date;
  outcome: 'ran' | 'coalesced' | 'skipped' | 'expired' | 'paused';
  reason: string | null;
  runId: string | null;
  /** How the run ended or stands; null when there is none, or its history was dropped. */
  runStatus: string | null;
  decidedAt: Date;
}

export interface ScheduleDetails extends ScheduleView {
  /** The next instants that it will owe, with their names; with jitter each starts a little later. */
  upcoming: { scheduledFor: Date; startsAt: Date }[];
  /** Newest first. */
  occurrences: OccurrenceView[];
}

export interface ScheduleFilter {
  pipeline?: string;
  scope?: string;
  /** Only paused ones, or only those that are not. */
  paused?: boolean;
  /** Names after this one, for paging. */
  after?: string;
  limit?: number;
}

const VIEW = `name, pipeline, scope, source, trigger, misfire, overlap, daylight, jitter_ms AS "jitterMs", deadline_ms AS "deadlineMs", params, priority, version, next_due_at AS "nextDueAt", paused_at AS "pausedAt",
  last_started_at AS "lastStartedAt", last_success_started_at AS "lastSuccessStartedAt", failures_in_row AS "failuresInRow", waiting_for AS "waitingFor", waiting_list AS "waitingList", last_error AS "lastError"`;

/** By name. */
export async function listSchedules(dataSource: DataSource, filter: ScheduleFilter = {}): Promise<ScheduleView[]> {
  const { pipeline = null, scope = null, paused = null, after = null, limit = 1_000 } = filter;
  return dataSource.manager.query(
    `SELECT ${VIEW} FROM engine.schedule
     WHERE ($1::text IS NULL OR pipeline = $1) AND ($2::text IS NULL OR scope = $2) AND ($3::boolean IS NULL OR (paused_at IS NOT NULL) = $3) AND ($4::text IS NULL OR name > $4)
     ORDER BY name LIMIT $5`,
    [pipeline, scope, paused, after, limit],
  );
}

const UPCOMING = 5;

/** One schedule with what it will owe and what became of what it owed; undefined when there is none of that name. */
export async function showSchedule(dataSource: DataSource, name: string, { occurrences = 20 }: { occurrences?: number } = {}): Promise<ScheduleDetails | undefined> {
  return inOneSnapshot(dataSource, async (manager) => {
    const [view] = await manager.query<ScheduleView[]>(`SELECT ${VIEW} FROM engine.schedule WHERE name = $1`, [name]);
    const [row] = await manager.query<ScheduleRow[]>(`SELECT ${SCHEDULE_COLUMNS} FROM engine.schedule s WHERE name = $1`, [name]);
    if (!view || !row) return undefined;
    const past = await manager.query<OccurrenceView[]>(
      `SELECT o.scheduled_for AS "scheduledFor", o.outcome, o.reason, o.run_id AS "runId", o.decided_at AS "decidedAt", (SELECT r.status FROM engine.run r WHERE r.id = o.run_id) AS "runStatus"
       FROM engine.occurrence o WHERE o.schedule_id = $1 ORDER BY o.scheduled_for DESC, o.cause DESC LIMIT $2`,
      [row.id, occurrences],
    );
    return { ...view, upcoming: upcomingOf(row), occurrences: past };
  });
}

function upcomingOf(row: ScheduleRow): ScheduleDetails['upcoming'] {
  const trigger = row.trigger.kind === 'whenReady' ? row.trigger.from : row.trigger;
  if (trigger.kind !== 'every' && trigger.kind !== 'cron' && trigger.kind !== 'once') return [];
  const schedule = timed(row, trigger);
  const upcoming: ScheduleDetails['upcoming'] = [];
  let through = row.pausedAt === null && row.through > row.now ? row.through : row.now;
  while (upcoming.length < UPCOMING) {
    const scheduledFor = nextLook({ ...schedule, jitterMs: 0 }, through);
    const startsAt = scheduledFor && nextLook(schedule, through);
    if (!scheduledFor || !startsAt) break;
    upcoming.push({ scheduledFor, startsAt });
    through = scheduledFor;
  }
  return upcoming;
}

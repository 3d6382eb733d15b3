/**
 * Most reminders need no thought: they ring once, or so many minutes after the last time, and their person keeps no quiet hours. Those are fired where they are, in one statement, as rules/firing.ts would
 * have it; what is not among them is handed over. Going to the scheduler and back costs more than all else about a reminder.
 */
import { currentTrace, FILED, newIdSeries } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { DueReminder } from '../rules/firing.js';
import { SYSTEM } from './audit.js';
import { HELD } from './due-reminders.js';

const ISO = (instant: string): string => `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const ID = (head: string, tail: string): string => `(${head} || lpad(to_hex(${tail}::bigint + nth), 12, '0'))::uuid`;

const TOLD = `'reminder_id', id, 'memory_id', "memoryId", 'text', text, 'memory_content', "memoryContent", 'fire_at', ${ISO('at')}, 'missed', 0,
           'late_by', floor(extract(epoch FROM $1 - at))::int, 'time_zone', coalesce("timeZone", 'UTC'), 'token', token`;
const CONTENT = `CASE WHEN minutes IS NULL THEN jsonb_build_object(${TOLD})
           ELSE jsonb_build_object(${TOLD}, 'repeats', CASE minutes WHEN 1 THEN 'every minute' ELSE 'every ' || minutes || ' minutes' END, 'next_at', ${ISO('"nextAt"')}) END`;

/**
 * `$1` now, `$2` at most, `$3` grace, `$4` and `$5` the ids of what follows, `$6` who does it, `$7` and `$8` the ids of the notices, `$9` the run, `$10` its trace. Answers a row or
 * more: one for each that is handed over, with the number of those fired in all of them.
 */
const FIRE = `${HELD()}, timed AS MATERIALIZED (
       -- Instants have milliseconds wherever they are decided.
       SELECT h.*, date_trunc('milliseconds', "fireAt") AS at, row_number() OVER (ORDER BY "dueAt") AS nth,
         CASE WHEN recurrence->>'kind' = 'minutes' AND jsonb_typeof(recurrence->'minutes') = 'number' THEN (recurrence->'minutes')::int END AS minutes FROM held h
     ), sorted AS MATERIALIZED (
       SELECT t.*, n."nextAt", arming = 0 AND token IS NOT NULL AND "quietFrom" IS NULL
         -- Time and ids are older than what the statement sees: another lane may have made what follows meanwhile, and where all are told that would stand before the one that it follows.
         AND (recurrence IS NULL OR coalesce("missedPolicy" <> 'all' AND n."nextAt" > $1 AND ("missedPolicy" <> 'skip' OR $1 - at <= $3 * interval '1 millisecond'), false)) AS plain
       FROM timed t, LATERAL (SELECT at + minutes * interval '1 minute' AS "nextAt") n
     ), fired AS (
       UPDATE memory.reminder r SET fired = true, fired_at = $1, failures = 0, last_error = NULL, updated_at = $1 FROM sorted p WHERE p.plain AND r.id = p.id
     ), following AS (
       INSERT INTO memory.reminder (id, series_id, memory_id, owner_id, text, fire_at, due_at, recurrence, missed_policy, created_at, updated_at)
       SELECT ${ID('$4', '$5')}, "seriesId", "memoryId", "ownerId", text, "nextAt", "nextAt", recurrence, "missedPolicy", $1, $1 FROM sorted WHERE plain AND minutes IS NOT NULL
     ), noted AS (
       INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor, detail, created_at)
       SELECT "ownerId", 'reminder', id::text, 'fired', $6, '{}'::jsonb, $1 FROM sorted WHERE plain
       UNION ALL SELECT "ownerId", 'reminder', ${ID('$4', '$5')}::text, 'created', $6, jsonb_build_object('source', 'recurrence', 'reminder_id', id), $1 FROM sorted WHERE plain AND minutes IS NOT NULL
     ), given AS MATERIALIZED (
       SELECT ${ID('$7', '$8')} AS id, 'telegram' AS channel, "ownerId" AS recipient, 'reminder' AS type, CASE WHEN image THEN ${CONTENT} || '{"image": true}' ELSE ${CONTENT} END AS content,
         'memory:reminder:' || id || ':' || arming AS key, $9::uuid AS run, $1 AS due, false AS urgent, $10 AS trace
       FROM sorted WHERE plain
     ), ${FILED}
     SELECT n.fired, p.* FROM (SELECT count(*)::int AS fired FROM sorted WHERE plain) n LEFT JOIN sorted p ON NOT p.plain ORDER BY p."dueAt"`;

/** @param graceMs with the policy `skip`: what is later than this is not told. @returns how many were fired, and the rest of those that are due, held until the transaction ends */
export async function firePlain(manager: EntityManager, runId: string, now: Date, limit: number, graceMs: number): Promise<{ fired: number; rest: DueReminder[] }> {
  const [following, notice] = [newIdSeries(), newIdSeries()];
  const rows = await manager.query<({ fired: number } & (DueReminder | { id: null }))[]>(FIRE, [
    ...[now, limit, graceMs, following.head, following.tail, SYSTEM, notice.head, notice.tail, runId, currentTrace() ?? null],
  ]);
  return { fired: rows[0]?.fired ?? 0, rest: rows.filter((row) => row.id !== null) };
}

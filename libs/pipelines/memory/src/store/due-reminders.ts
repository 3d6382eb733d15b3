/** Reminders that are due, taken many at once. Whoever else takes some at the same time gets others. */
import { integers, newId, plain, queueNotices } from '@carillon/persistence';
import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { DueReminder, Firing } from '../rules/firing.js';
import { SYSTEM } from './audit.js';

/**
 * The beginning of a statement that takes those that have been due longest and holds them until the transaction ends; `$1` is now, `$2` how many at most. The narrow table is held first, so that whoever
 * else takes some passes over these without looking further. A reminder that a person is changing at this moment is left for the next look: who changes one holds it before the trigger touches the narrow
 * row, so waiting for it here could wait for ever.
 */
export const HELD = (which = 'true'): string => `WITH first AS MATERIALIZED (
       SELECT reminder_id, due_at FROM memory.due WHERE due_at <= $1 AND ${which} ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ), held AS MATERIALIZED (
       SELECT r.id, r.memory_id AS "memoryId", r.owner_id AS "ownerId", r.text, r.fire_at AS "fireAt", r.recurrence, r.missed_policy AS "missedPolicy", r.arming, r.token, r.failures, m.content AS "memoryContent", m.media_path IS NOT NULL AS image,
         s.time_zone AS "timeZone", s.quiet_from AS "quietFrom", s.quiet_to AS "quietTo", f.due_at AS "dueAt", r.series_id AS "seriesId"
       FROM first f JOIN memory.reminder r ON r.id = f.reminder_id LEFT JOIN memory.memory m ON m.id = r.memory_id LEFT JOIN memory.setting s ON s.user_id = r.owner_id
       WHERE NOT r.fired AND r.due_at <= $1 FOR NO KEY UPDATE OF r SKIP LOCKED
     )`;

/** Takes what is due, all of it or one of them. */
export async function claimDueReminders(manager: EntityManager, now: Date, limit: number, id: string | null = null): Promise<DueReminder[]> {
  return manager.query(`${HELD('($3::uuid IS NULL OR reminder_id = $3)')} SELECT * FROM held ORDER BY "dueAt"`, [now, limit, id]);
}

/** So many tokens at a time: asking the system for every one of them is most of what it costs. */
export function newTokens(count: number): string[] {
  const bytes = randomBytes(16 * count);
  return Array.from({ length: count }, (_one, index) => bytes.subarray(index * 16, index * 16 + 16).toString('base64url'));
}

/** Marks them fired, makes the occurrences that follow, files the notices and the audit: two statements for however many. */
export async function recordFirings(manager: EntityManager, runId: string, now: Date, firings: readonly (Firing & { newToken: string | null })[]): Promise<void> {
  await manager.query(
    `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $4::int[], $5::boolean[], $6::uuid[], $7::timestamptz[], $8::text[]) AS g (id, missed, told, next_id, next_at, token)
     ), fired AS (
       UPDATE memory.reminder r SET fired = true, fired_at = $2, missed = g.missed, token = coalesce(g.token, r.token), failures = 0, last_error = NULL, updated_at = $2
       FROM given g WHERE r.id = g.id RETURNING r.id, r.series_id, r.memory_id, r.owner_id, r.text, r.recurrence, r.missed_policy, g.missed, g.told, g.next_id, g.next_at
     ), following AS (
       INSERT INTO memory.reminder (id, series_id, memory_id, owner_id, text, fire_at, due_at, recurrence, missed_policy, created_at, updated_at)
       SELECT next_id, series_id, memory_id, owner_id, text, next_at, next_at, recurrence, missed_policy, $2, $2 FROM fired WHERE next_id IS NOT NULL
     )
     INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor, detail, created_at)
     SELECT owner_id, 'reminder', id::text, CASE WHEN told THEN 'fired' ELSE 'skipped' END, $3, CASE WHEN missed > 0 THEN jsonb_build_object('missed', missed) ELSE '{}' END, $2 FROM fired
     UNION ALL SELECT owner_id, 'reminder', next_id::text, 'created', $3, jsonb_build_object('source', 'recurrence', 'reminder_id', id), $2 FROM fired WHERE next_id IS NOT NULL`,
    [
      ...[plain(firings.map(({ id }) => id)), now, SYSTEM, integers(firings.map(({ missed }) => missed)), plain(firings.map(({ notice }) => String(notice !== undefined)))],
      ...[plain(firings.map(({ next }) => next && newId())), plain(firings.map(({ next }) => next && next.toISOString())), plain(firings.map(({ newToken }) => newToken))],
    ],
  );
  await queueNotices(
    manager,
    firings.flatMap(({ ownerId, notice }) => (notice ? [{ channel: 'telegram' as const, recipient: ownerId, messageType: 'reminder', content: notice.content, dedupeKey: notice.dedupeKey, runId, notBefore: notice.notBefore }] : [])),
  );
}

/** One that could not be fired waits, with the reason in its row, and holds up nobody else. */
export async function setReminderAside(manager: EntityManager, id: string, until: Date, error: string): Promise<void> {
  await manager.query(
    `WITH aside AS (UPDATE memory.reminder SET due_at = $2, failures = failures + 1, last_error = $3, updated_at = engine.clock() WHERE id = $1 AND NOT fired RETURNING id, owner_id, failures)
     INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor, detail) SELECT owner_id, 'reminder', id::text, 'failed', $4, jsonb_build_object('failures', failures) FROM aside`,
    [id, until, error, SYSTEM],
  );
}

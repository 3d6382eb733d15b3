/**
 * Updates of the bot as rows: each is kept once, handled in the order of its chat, and tried again by whoever is alive when its handler died. An update that can not be handled
 * is kept with its reason, and holds up nobody else.
 */
import type { JsonObject } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { storableJson, storableText } from './storable.js';

export interface IncomingUpdate {
  updateId: number;
  /** Of a private chat; null for what nobody here wants, which is only remembered as seen. */
  chatId: number | null;
  body: object;
}

export interface ClaimedUpdate {
  updateId: number;
  body: JsonObject;
  /** This try included; also the fence of the claim. */
  attempts: number;
}

/** After this long without a sign the handler is taken for dead. Longer than any handler may take. */
export const UPDATE_LEASE_MS = 120_000;
/** Telegram repeats for a day, and may number anew after a week of silence: what is older can not come again. */
const KEEP_DAYS = 8;
const FRESH_DAYS = 6;

export class TelegramInbox {
  constructor(private readonly dataSource: DataSource) {}

  /** Keeps those that were not here before, in one commit. @returns how many are new */
  async receive(updates: readonly IncomingUpdate[]): Promise<number> {
    if (updates.length === 0) return 0;
    const rows = await this.dataSource.manager.query<unknown[]>(
      `WITH kept AS (
       INSERT INTO telegram.update (update_id, chat_id, body, state, handled_at)
       SELECT id, chat, body, CASE WHEN chat IS NULL THEN 'handled' ELSE 'received' END, CASE WHEN chat IS NULL THEN engine.clock() END
       FROM unnest($1::bigint[], $2::bigint[], $3::jsonb[]) AS given (id, chat, body) ON CONFLICT (update_id) DO NOTHING RETURNING update_id, chat_id
       ), heard AS (
         -- Whoever writes to the bot is there again: notices reach them from now on.
         UPDATE notices.mailbox SET closed_at = NULL, closed_because = NULL WHERE channel = 'telegram' AND closed_at IS NOT NULL AND address IN (SELECT chat_id::text FROM kept)
       )
       SELECT update_id FROM kept`,
      [updates.map(({ updateId }) => updateId), updates.map(({ chatId }) => chatId), updates.map(({ chatId, body }) => (chatId === null ? null : storableJson(body)))],
    );
    return rows.length;
  }

  /** Takes the oldest update that is due and the first of its chat: a person's messages are handled one after the other. */
  async claim(): Promise<ClaimedUpdate | undefined> {
    const [rows] = await this.dataSource.manager.query<[{ updateId: string; body: JsonObject; attempts: number }[], number]>(
      `UPDATE telegram.update SET lease_until = engine.clock() + $1 * interval '1 millisecond', attempts = attempts + 1 WHERE update_id = (
         SELECT u.update_id FROM telegram.update u
         WHERE u.state = 'received' AND u.due_at <= engine.clock() AND (u.lease_until IS NULL OR u.lease_until < engine.clock())
           AND NOT EXISTS (SELECT FROM telegram.update e WHERE e.chat_id = u.chat_id AND e.state = 'received' AND (e.received_at, e.update_id) < (u.received_at, u.update_id))
         ORDER BY u.received_at, u.update_id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING update_id AS "updateId", body, attempts`,
      [UPDATE_LEASE_MS],
    );
    const [row] = rows;
    return row && { ...row, updateId: Number(row.updateId) };
  }

  /** Done: what was said goes, that it was said stays until it can not come again. False when the claim was lost meanwhile. */
  async handled({ updateId, attempts }: ClaimedUpdate): Promise<boolean> {
    return this.#settle(`state = 'handled', body = NULL, error = NULL, handled_at = engine.clock()`, [updateId, attempts]);
  }

  /** Again after a pause. */
  async again({ updateId, attempts }: ClaimedUpdate, error: string, afterMs: number): Promise<boolean> {
    return this.#settle(`error = $3, due_at = engine.clock() + $4 * interval '1 millisecond'`, [updateId, attempts, storableText(error).slice(0, 2_000), afterMs]);
  }

  /** Given up, with its body and the reason. */
  async failed({ updateId, attempts }: ClaimedUpdate, error: string): Promise<boolean> {
    return this.#settle(`state = 'failed', error = $3`, [updateId, attempts, storableText(error).slice(0, 2_000)]);
  }

  /** Milliseconds until the next update may be tried; undefined when none waits. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.dataSource.manager.query<{ ms: number | null }[]>(
      `SELECT (extract(epoch FROM min(greatest(due_at, coalesce(lease_until, due_at))) - engine.clock()) * 1000)::float AS ms FROM telegram.update WHERE state = 'received'`,
    );
    return row?.ms == null ? undefined : Math.max(0, row.ms);
  }

  /** Where polling goes on: after the update that came last; from the start when that is so long ago that the numbers may have begun anew. */
  async pollFrom(): Promise<number | undefined> {
    const [row] = await this.dataSource.manager.query<{ updateId: string }[]>(
      `SELECT update_id AS "updateId" FROM telegram.update WHERE received_at > engine.clock() - $1 * interval '1 day' ORDER BY received_at DESC, update_id DESC LIMIT 1`,
      [FRESH_DAYS],
    );
    return row && Number(row.updateId) + 1;
  }

  /** Forgets what can not come again, and buttons that are over. What failed stays. */
  async prune(): Promise<void> {
    await this.dataSource.manager.query(`DELETE FROM telegram.update WHERE state = 'handled' AND received_at < engine.clock() - $1 * interval '1 day'`, [KEEP_DAYS]);
    await this.dataSource.manager.query('DELETE FROM telegram.callback_token WHERE expires_at < engine.clock()');
  }

  async #settle(change: string, values: unknown[]): Promise<boolean> {
    const [, changed] = await this.dataSource.manager.query<[unknown, number]>(`UPDATE telegram.update SET lease_until = NULL, ${change} WHERE update_id = $1 AND attempts = $2 AND state = 'received'`, values);
    return changed === 1;
  }
}

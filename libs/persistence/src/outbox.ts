/**
 * The promise to publish: a row committed with the fact that it tells. The relay publishes and removes it; a crash in between publishes twice,
 * which every consumer can bear.
 */
import type { JsonObject } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { storableJson } from './storable.js';
import { inTransaction } from './transaction.js';

export interface PromisedMessage {
  /** Also the message's id on the bus. */
  id: string;
  subject: string;
  payload: JsonObject;
}

/** Promises a message in the caller's transaction. */
export async function promise(manager: EntityManager, message: { subject: string; payload: JsonObject; availableAt?: Date }): Promise<void> {
  await manager.query('INSERT INTO engine.outbox (id, subject, payload, available_at) VALUES ($1, $2, $3, coalesce($4, engine.clock()))', [
    newId(),
    message.subject,
    storableJson(message.payload),
    message.availableAt ?? null,
  ]);
}

/** How long a message that the bus refused stands back, so that those behind it get through. */
const STAND_BACK_MS = 5_000;

/**
 * Hands a batch of promised messages to `publish` and removes those that it reports as published; the others stand back for a while. When it
 * throws, all stay as they are. Other relays skip the batch while it is held.
 * @returns how many were taken; fewer than `limit` means that nothing more is waiting
 */
export async function relayBatch(dataSource: DataSource, limit: number, publish: (messages: PromisedMessage[]) => Promise<readonly string[]>): Promise<number> {
  return inTransaction(dataSource, async (manager) => {
    const messages = await manager.query<PromisedMessage[]>(
      'SELECT id, subject, payload FROM engine.outbox WHERE available_at <= engine.clock() ORDER BY available_at, id LIMIT $1 FOR UPDATE SKIP LOCKED',
      [limit],
    );
    if (messages.length === 0) return 0;
    const published = await publish(messages);
    await manager.query('DELETE FROM engine.outbox WHERE id = ANY($1)', [published]);
    if (published.length < messages.length) {
      const refused = messages.map((message) => message.id).filter((id) => !published.includes(id));
      await manager.query(`UPDATE engine.outbox SET available_at = engine.clock() + $2 * interval '1 millisecond' WHERE id = ANY($1)`, [refused, STAND_BACK_MS]);
    }
    return messages.length;
  });
}

/** How many messages wait, and since when the oldest could have been published. */
export async function outboxBacklog(manager: EntityManager): Promise<{ waiting: number; oldestMs: number }> {
  const [row] = await manager.query<{ waiting: number; oldest: number | null }[]>(
    `SELECT count(*)::int AS waiting, extract(epoch FROM engine.clock() - min(available_at)) * 1000 AS oldest
     FROM engine.outbox WHERE available_at <= engine.clock()`,
  );
  return { waiting: row?.waiting ?? 0, oldestMs: Number(row?.oldest ?? 0) };
}

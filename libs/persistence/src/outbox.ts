/**
 * The promise to publish: a row committed with the fact that it tells. The relay publishes and removes it; a crash in between publishes twice,
 * which every consumer can bear.
 */
import { context, propagation, trace } from '@opentelemetry/api';
import type { JsonObject } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { NOTICE_PAYLOAD, NOTICE_SUBJECT } from './notice-message.sql.js';
import { storableJson } from './storable.js';
import { inTransaction } from './transaction.js';

export interface PromisedMessage {
  /** Also the message's id on the bus. */
  id: string;
  subject: string;
  payload: JsonObject;
  headers?: Record<string, string>;
  /** One of several that were promised together, all of them facts. */
  fact?: true;
}

/** A row: one message, or many facts that one statement promised together, or the notices that are to be told of. */
interface PromiseRow {
  id: string;
  subject: string | null;
  payload: JsonObject | (PromisedMessage | { notice: string })[];
  headers: Record<string, string> | null;
}

/** Promises a message in the caller's transaction. */
export async function promise(manager: EntityManager, message: { subject: string; payload: JsonObject; availableAt?: Date }): Promise<void> {
  await manager.query('INSERT INTO engine.outbox (id, subject, payload, available_at, headers) VALUES ($1, $2, $3, coalesce($4, engine.clock()), $5)', [
    newId(),
    message.subject,
    storableJson(message.payload),
    message.availableAt ?? null,
    traceHeaders(),
  ]);
}

/** W3C traceparent of what is being done now; undefined when nothing is traced. */
export function currentTrace(): string | undefined {
  if (trace.getActiveSpan() === undefined) return undefined;
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers['traceparent'];
}

/** Whoever handles the message later works in the trace that it was promised in; null when nothing is traced. */
function traceHeaders(): string | null {
  if (trace.getActiveSpan() === undefined) return null;
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return JSON.stringify(headers);
}

/** How long a message that the bus refused stands back, so that those behind it get through. */
const STAND_BACK_MS = 5_000;

export interface Relayed {
  /** Rows taken; fewer than `limit` means that nothing more is waiting. */
  taken: number;
  /** How long until the next promise may be published; Infinity when there is none. */
  nextInMs: number;
}

/**
 * Hands a batch of promised messages to `publish` and removes those that it reports as published; the others stand back for a while. When it
 * throws, all stay as they are. Other relays skip the batch while it is held.
 */
export async function relayBatch(dataSource: DataSource, limit: number, publish: (messages: PromisedMessage[]) => Promise<readonly string[]>): Promise<Relayed> {
  return inTransaction(dataSource, async (manager) => {
    const rows = await manager.query<PromiseRow[]>(
      'SELECT id, subject, payload, headers FROM engine.outbox WHERE available_at <= engine.clock() ORDER BY available_at, id LIMIT $1 FOR UPDATE SKIP LOCKED',
      [limit],
    );
    if (rows.length === 0) return { taken: 0, nextInMs: await untilNext(manager) };
    const told = await noticeMessages(manager, rows);
    const messages = rows.map((row) => messagesOf(row, told));
    const published = new Set(await publish(messages.flat()));
    const through = rows.filter((_row, index) => messages[index]?.every(({ id }) => published.has(id))).map((row) => row.id);
    await manager.query('DELETE FROM engine.outbox WHERE id = ANY($1)', [through]);
    if (through.length < rows.length) {
      const kept = new Set(through);
      await manager.query(`UPDATE engine.outbox SET available_at = engine.clock() + $2 * interval '1 millisecond' WHERE id = ANY($1)`, [rows.map((row) => row.id).filter((id) => !kept.has(id)), STAND_BACK_MS]);
    }
    return { taken: rows.length, nextInMs: 0 };
  });
}

function messagesOf(row: PromiseRow, told: ReadonlyMap<string, PromisedMessage>): PromisedMessage[] {
  const { id, subject, payload, headers } = row;
  if (subject !== null) return [{ id, subject, payload: payload as JsonObject, ...(headers && { headers }) }];
  // A notice that was deleted meanwhile is told to nobody.
  return (payload as (PromisedMessage | { notice: string })[]).flatMap((fact) => ('notice' in fact ? (told.get(fact.notice) ?? []) : { ...fact, fact: true as const }));
}

/** The messages about notices that are promised by their ids: `queueNotice` promises the same of one. */
async function noticeMessages(manager: EntityManager, rows: readonly PromiseRow[]): Promise<ReadonlyMap<string, PromisedMessage>> {
  const ids = rows.flatMap(({ subject, payload }) => (subject === null ? (payload as { notice?: string }[]).flatMap(({ notice }) => notice ?? []) : []));
  if (ids.length === 0) return new Map();
  const notices = await manager.query<PromisedMessage[]>(
    `SELECT id, ${NOTICE_SUBJECT} AS subject, ${NOTICE_PAYLOAD} AS payload FROM notices.notice WHERE id = ANY($1)`,
    [ids],
  );
  return new Map(notices.map((message) => [message.id, { ...message, fact: true }]));
}

/** How long until something that is promised may be published, 0 when something may; a look that takes nothing and holds nothing. Infinity when there is no promise. */
export async function untilPromised(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.manager.query<{ wait: number | null }[]>('SELECT extract(epoch FROM min(available_at) - engine.clock())::float8 * 1000 AS wait FROM engine.outbox');
  return row?.wait == null ? Infinity : Math.max(0, row.wait);
}

async function untilNext(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ wait: number | null }[]>('SELECT extract(epoch FROM min(available_at) - engine.clock())::float8 * 1000 AS wait FROM engine.outbox WHERE available_at > engine.clock()');
  return row?.wait ?? Infinity;
}

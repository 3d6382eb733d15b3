/**
 * The delivery ledger's writing side: a notice is a row, committed with the fact that it tells, together with the promise to nudge the notifier.
 */
import type { JsonObject } from '@carillon/engine';
import { NotifyEmail, NotifySlack, NotifyTelegram } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { currentTrace, promise } from './outbox.js';
import { storableJson } from './storable.js';

export type Channel = 'telegram' | 'email' | 'slack';

export const MESSAGE_OF = { telegram: NotifyTelegram, email: NotifyEmail, slack: NotifySlack };

export interface NewNotice {
  channel: Channel;
  /** A person's or public channel's id inside Carillon, such as `account:…` or `channel:deliberation`; its address is looked up when it is sent. */
  recipient: string;
  /** Which text of the catalogue. */
  messageType: string;
  content: JsonObject;
  /** The same key is recorded and delivered once, however often it is queued. */
  dedupeKey: string;
  runId?: string;
  /** Not sent before this instant, such as the end of somebody's quiet hours. */
  notBefore?: Date | null;
  /** Goes before others, also to the same recipient. */
  urgent?: boolean;
}

/** Files a notice and promises its message, in the caller's transaction. */
export async function queueNotice(manager: EntityManager, notice: NewNotice): Promise<{ id: string; created: boolean }> {
  const { channel, recipient, messageType, content, dedupeKey, runId, notBefore, urgent } = notice;
  const [row] = await manager.query<{ id: string; created: boolean }[]>(
    `WITH filed AS (
       INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key, run_id, due_at, urgent, trace)
       VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, engine.clock()), $9, $10)
       ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
     )
     SELECT id, true AS created FROM filed
     UNION ALL SELECT id, false FROM notices.notice WHERE dedupe_key = $6 LIMIT 1`,
    [newId(), channel, recipient, messageType, storableJson(content), dedupeKey, runId ?? null, notBefore ?? null, urgent ?? false, currentTrace() ?? null],
  );
  if (!row) return queueNotice(manager, notice);
  if (row.created) await promiseNotice(manager, row.id, notice, notBefore ?? undefined);
  return row;
}

/** Promises the message about a notice row. */
export async function promiseNotice(manager: EntityManager, id: string, notice: Pick<NewNotice, 'channel' | 'recipient' | 'messageType' | 'content'>, availableAt?: Date): Promise<void> {
  // The row is what is rendered; a secret in it need not travel over the bus as well, and rest in its store.
  const content = notice.content['secret'] === true ? { secret: true } : notice.content;
  const payload: JsonObject = { notice_id: id, user_id: notice.recipient, message_type: notice.messageType, content };
  await promise(manager, { subject: MESSAGE_OF[notice.channel].subject, payload, ...(availableAt && { availableAt }) });
}

/**
 * Who a chat is, what a button stands for, and where a conversation stands. A button carries an opaque token and nothing else: Telegram's servers see no ids of ours, and a token
 * works only in the chat of the recipient that it was made for.
 */
import { randomBytes } from 'node:crypto';
import type { JsonObject } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { storableJson } from './storable.js';

export interface ChatIdentity {
  /** Opaque: what Carillon calls the person behind a chat. */
  ref: string;
  /** The recipient of notices to this chat, `telegram:<ref>`. */
  recipient: string;
  /** What the person's Telegram speaks when it first came, such as `en` or `fa`. */
  locale: string;
}

export interface NewToken {
  /** Which pipeline's front door is asked when the button is pressed, and for what. */
  surface: string;
  action: string;
  payload?: JsonObject;
  /** A recipient with an address on Telegram: nobody else can press it. */
  recipient: string;
  /** Only its first press counts. */
  once?: boolean;
  /** 7 days unless told. */
  lifeMs?: number;
}

export interface PressedToken {
  surface: string;
  action: string;
  payload: JsonObject;
  recipient: string;
}

export interface Conversation {
  surface: string;
  state: JsonObject;
}

const TOKEN_LIFE_MS = 7 * 24 * 3_600_000;

/** The person behind a private chat; made with an address for notices when the chat is new. */
export async function chatIdentity(dataSource: DataSource, chatId: number, locale: string): Promise<ChatIdentity> {
  const [known] = await dataSource.manager.query<Omit<ChatIdentity, 'recipient'>[]>('SELECT ref, locale FROM telegram.chat WHERE chat_id = $1', [chatId]);
  if (known) return { ...known, recipient: `telegram:${known.ref}` };
  await dataSource.manager.query(
    `WITH met AS (INSERT INTO telegram.chat (chat_id, ref, locale) VALUES ($1, $2, $3) ON CONFLICT (chat_id) DO NOTHING RETURNING ref)
     INSERT INTO notices.address (recipient, channel, address) SELECT 'telegram:' || ref, 'telegram', $1::bigint::text FROM met`,
    [chatId, newId(), locale],
  );
  return chatIdentity(dataSource, chatId, locale);
}

/** The person's number on Telegram, for a pipeline that knows its people by it. */
export async function telegramIdOf(manager: EntityManager, ref: string): Promise<string | undefined> {
  const [row] = await manager.query<{ id: string }[]>('SELECT chat_id::text AS id FROM telegram.chat WHERE ref = $1', [ref]);
  return row?.id;
}

/** Remembers what language a person wants to be spoken to in. */
export async function setChatLocale(manager: EntityManager, ref: string, locale: string): Promise<void> {
  await manager.query('UPDATE telegram.chat SET locale = $2 WHERE ref = $1', [ref, locale]);
}

/** Says that notices to a recipient go to the chat of a person; in the caller's transaction. False when there is no such chat. */
export async function addressAtChat(manager: EntityManager, recipient: string, ref: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `INSERT INTO notices.address (recipient, channel, address) SELECT $1, 'telegram', chat_id::text FROM telegram.chat WHERE ref = $2
     ON CONFLICT (recipient, channel) DO UPDATE SET address = excluded.address RETURNING 1`,
    [recipient, ref],
  );
  return rows.length === 1;
}

/** Forgets which chat a person is: the chat, its conversation, its buttons, and every address that leads there. */
export async function forgetChat(manager: EntityManager, ref: string): Promise<void> {
  await manager.query(`DELETE FROM notices.address a USING telegram.chat c WHERE c.ref = $1 AND a.channel = 'telegram' AND a.address = c.chat_id::text`, [ref]);
  await manager.query(`DELETE FROM telegram.update u USING telegram.chat c WHERE c.ref = $1 AND u.chat_id = c.chat_id AND u.state <> 'received'`, [ref]);
  await manager.query(`DELETE FROM telegram.callback_token WHERE recipient = 'telegram:' || $1::text`, [ref]);
  await manager.query('DELETE FROM telegram.chat WHERE ref = $1', [ref]);
}

/** Makes tokens for buttons, in the order given; in the caller's transaction, so that a notice and its buttons are there together. 128 random bits each. */
export async function createTokens(manager: EntityManager, wanted: readonly NewToken[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  const tokens = wanted.map(() => randomBytes(16).toString('base64url'));
  await manager.query(
    `INSERT INTO telegram.callback_token (token, surface, action, payload, recipient, once, expires_at)
     SELECT token, surface, action, payload, recipient, once, engine.clock() + life * interval '1 millisecond'
     FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::boolean[], $7::float[]) AS given (token, surface, action, payload, recipient, once, life)`,
    [
      tokens, wanted.map(({ surface }) => surface), wanted.map(({ action }) => action), wanted.map(({ payload }) => storableJson(payload ?? {})),
      wanted.map(({ recipient }) => recipient), wanted.map(({ once }) => once ?? false), wanted.map(({ lifeMs }) => lifeMs ?? TOKEN_LIFE_MS),
    ],
  );
  return tokens;
}

/**
 * What a pressed button stands for. Undefined when it is over, was made for another chat, or its one press was another update's; handling the same update again finds it as before.
 */
export async function pressToken(manager: EntityManager, press: { token: string; chatId: number; updateId: number }): Promise<PressedToken | undefined> {
  const [rows] = await manager.query<[PressedToken[], number]>(
    `UPDATE telegram.callback_token t SET used_by = coalesce(t.used_by, $3)
     WHERE t.token = $1 AND t.expires_at > engine.clock() AND (NOT t.once OR t.used_by IS NULL OR t.used_by = $3)
       AND EXISTS (SELECT FROM notices.address a WHERE a.recipient = t.recipient AND a.channel = 'telegram' AND a.address = $2::bigint::text)
     RETURNING t.surface, t.action, t.payload, t.recipient`,
    [press.token, press.chatId, press.updateId],
  );
  return rows[0];
}

export async function conversationOf(manager: EntityManager, ref: string): Promise<Conversation | undefined> {
  const [row] = await manager.query<Conversation[]>('SELECT surface, state FROM telegram.conversation WHERE ref = $1', [ref]);
  return row;
}

/** Moves the conversation on, or with `undefined` ends it. One at a time: beginning another ends the one before. */
export async function converse(manager: EntityManager, ref: string, next: Conversation | undefined): Promise<void> {
  if (next === undefined) await manager.query('DELETE FROM telegram.conversation WHERE ref = $1', [ref]);
  else
    await manager.query(
      `INSERT INTO telegram.conversation (ref, surface, state) VALUES ($1, $2, $3)
       ON CONFLICT (ref) DO UPDATE SET surface = excluded.surface, state = excluded.state, updated_at = engine.clock()`,
      [ref, next.surface, storableJson(next.state)],
    );
}

/** A Bot API on 127.0.0.1 that remembers what the bot said, and a person who writes to it and presses its buttons. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TelegramInbox } from '@carillon/persistence';
import { botApiFields } from '@carillon/testing';
import { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { InboxWorker } from '../src/telegram/inbox-worker.js';
import { incomingOf, TelegramRouter } from '../src/telegram/router.js';
import type { TelegramSurface } from '../src/telegram/surface.js';

export interface Call {
  method: string;
  chat_id?: number;
  text?: string;
  reply_markup?: { inline_keyboard: { text: string; callback_data?: string; url?: string }[][] };
  [field: string]: unknown;
}

export interface FakeTelegram {
  readonly root: string;
  /** What the bot asked for, in order; requests for updates are not among it. */
  readonly calls: Call[];
  /** The next requests are answered with this error. */
  refuse(...errors: { error_code: number; description: string; parameters?: object }[]): void;
  /** What the next request for updates brings; afterwards nothing. Answers with the offset that was asked for. */
  readonly polls: { offset?: number }[];
  bring(...updates: Update[]): void;
  close(): Promise<void>;
}

export async function fakeTelegram(): Promise<FakeTelegram> {
  const calls: Call[] = [];
  const polls: { offset?: number }[] = [];
  const refusals: object[] = [];
  const waiting: Update[] = [];
  let messageId = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = /[^/]*$/.exec(request.url ?? '')?.[0] ?? '';
      const body = botApiFields(request.headers['content-type'], Buffer.concat(chunks));
      const answer = (status: number, value: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (method === 'getUpdates') {
        polls.push(body);
        return answer(200, { ok: true, result: waiting.splice(0) });
      }
      calls.push({ method, ...body });
      const refusal = refusals.shift();
      if (refusal) return answer((refusal as { error_code: number }).error_code, { ok: false, ...refusal });
      const result = method.startsWith('send') || method.startsWith('edit') ? { message_id: (messageId += 1), date: 0, chat: { id: body['chat_id'], type: 'private' } } : true;
      answer(200, { ok: true, result });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...{ root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, polls },
    refuse: (...errors) => void refusals.push(...errors),
    bring: (...updates) => void waiting.push(...updates),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

let updateId = 1_000;

/** A person's private chat with the bot. */
export function person(chatId: number, language_code = 'en') {
  const from = { id: chatId, is_bot: false, first_name: 'Ann', language_code };
  const chat = { id: chatId, type: 'private' as const, first_name: 'Ann' };
  return {
    chatId,
    writes: (text: string): Update => ({ update_id: (updateId += 1), message: { message_id: updateId, date: 0, chat, from, text } }) as Update,
    presses: (data: string | undefined): Update => ({ update_id: (updateId += 1), callback_query: { id: `q${updateId}`, from, chat_instance: '1', data: data ?? '', message: { message_id: 7, date: 0, chat, text: 'shown' } } }) as unknown as Update,
  };
}

/** The inbox with its worker, as a process that has just started would have it. */
export function botUnderTest(dataSource: DataSource, telegram: FakeTelegram, surfaces: readonly TelegramSurface[]) {
  const api = new Api('42:the-secret-of-the-bot', { apiRoot: telegram.root });
  const inbox = new TelegramInbox(dataSource);
  const router = new TelegramRouter(dataSource, api, surfaces);
  const log = pino({ level: 'silent' });
  const worker = new InboxWorker({ inbox, router, log, maxAttempts: 3 });
  const since = (from: number): Call[] => telegram.calls.slice(from);
  return {
    api,
    inbox,
    worker,
    router,
    /** Keeps the updates and handles what is due. @returns what the bot asked of Telegram in answer */
    async gets(...updates: Update[]): Promise<Call[]> {
      const from = telegram.calls.length;
      await inbox.receive(updates.map(incomingOf));
      await worker.runOnce();
      return since(from);
    },
    /** The token of the button with this text in the latest message that has it. */
    button(text: string | RegExp): string {
      const pressed = telegram.calls.flatMap(({ reply_markup }) => reply_markup?.inline_keyboard.flat() ?? []).filter((one) => (typeof text === 'string' ? one.text === text : text.test(one.text))).at(-1);
      if (pressed?.callback_data === undefined) throw new Error(`no button says ${String(text)}`);
      return pressed.callback_data;
    },
  };
}

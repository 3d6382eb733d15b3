/** A Bot API on 127.0.0.1 that answers by script, and remembers what it was asked. Real sockets, so that a hang is a hang. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { botApiFields, eventually } from '@carillon/testing';

export interface SentMessage {
  chat_id: string;
  text: string;
  parse_mode: string;
  photo?: string;
  /** What was uploaded, in base64. */
  uploaded?: string;
  caption?: string;
  reply_markup?: { inline_keyboard: { text: string; url?: string; callback_data?: string }[][] };
}

/** Answers one request; `ok` unless the script says otherwise. */
export type Answer = (response: ServerResponse) => void;

export const ok: Answer = (response) => json(response, 200, { ok: true, result: { message_id: (messageIds += 1), date: 0, chat: { id: 1, type: 'private' } } });
export const refuses = (code: number, description: string, parameters = {}): Answer => (response) => json(response, code, { ok: false, error_code: code, description, parameters });
export const gateway = (status: number): Answer => (response) => void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>no</html>');
/** What is no Bot API, such as a webhook. */
export const plainly = (status: number, body: string, headers: Record<string, string> = {}): Answer => (response) => void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
export const malformed: Answer = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":tr');
/** Takes the request and never answers. */
export const hangs: Answer = () => undefined;
/** Takes the request and cuts the connection. */
export const cutsOff: Answer = (response) => void response.destroy();
/** Begins an answer and falls silent. */
export const halfAnswers: Answer = (response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' }).write('{"ok":true');

export interface FakeBotApi {
  readonly root: string;
  /** In order of arrival. */
  readonly messages: SentMessage[];
  /** Of the paths asked for; they hold the token. */
  readonly paths: string[];
  /** Answers to the next requests; afterwards `ok` again. */
  script(...answers: Answer[]): void;
  /** Resolves when so many messages have arrived. */
  received(count: number): Promise<void>;
  /** Forgets messages and script. */
  reset(): void;
  close(): Promise<void>;
}

let messageIds = 0;

export async function fakeBotApi(): Promise<FakeBotApi> {
  const messages: SentMessage[] = [];
  const paths: string[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      paths.push(request.url ?? '');
      messages.push(botApiFields(request.headers['content-type'], Buffer.concat(chunks)) as unknown as SentMessage);
      (answers.shift() ?? ok)(response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    paths,
    script: (...next) => void answers.splice(0, answers.length, ...next),
    received: (count) => eventually(() => messages.length >= count, { every: 20, within: 20_000, what: `${count} messages to arrive` }).then(() => undefined),
    reset: () => [messages, paths, answers].forEach((list) => list.splice(0)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

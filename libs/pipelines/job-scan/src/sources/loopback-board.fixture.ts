/** A board server on loopback, for specs about HTTP: what it answers is said by path, and it can do everything that boards do to their readers. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export class LoopbackBoard {
  readonly asked: { path: string; headers: IncomingMessage['headers']; status: number }[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const answer = this.#answers.get(path) ?? ((_request, reply) => void reply.writeHead(404).end());
    response.once('close', () => this.asked.push({ path: request.url ?? '', headers: request.headers, status: response.statusCode }));
    answer(request, response);
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  at(path: string, answer: Answer): void {
    this.#answers.set(path, answer);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** JSON with an ETag; 304 when it is known. The body is asked for each time. */
export function json(body: (query: URLSearchParams) => unknown, headers: Record<string, string> = {}): Answer {
  return (request, response) => {
    const text = JSON.stringify(body(new URL(request.url ?? '', 'http://x').searchParams));
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { 'content-type': 'application/json', etag, ...headers }).end(text);
  };
}

export const status = (code: number, headers: Record<string, string> = {}): Answer => (_request, response) => void response.writeHead(code, headers).end();
export const bytes = (body: Uint8Array): Answer => (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
/** The first bytes of an answer, and then no more. */
export const hangs = (begin = '{"jobs":['): Answer => (_request, response) => void response.writeHead(200).write(begin);
/** The answers one after the other, the last one for ever. */
export function inTurn(...answers: Answer[]): Answer {
  let turn = 0;
  return (request, response) => answers[Math.min(turn++, answers.length - 1)]?.(request, response);
}

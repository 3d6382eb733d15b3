/** An in-process server that speaks the OpenAI protocol badly on demand, so that no spec mocks the client. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/** What the server saw of one request. */
export interface SeenRequest {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: { readonly model: string; readonly input?: string[]; readonly dimensions?: number; readonly messages?: { role: string; content: string }[] } & Record<string, unknown>;
}

/** How to answer one request. */
export type Answer = (request: SeenRequest, response: ServerResponse) => void;

export interface FakeModelServer {
  readonly baseUrl: string;
  readonly seen: SeenRequest[];
  /** Answers for the requests to come, in order; the last one stays. */
  answerWith(...answers: Answer[]): void;
  close(): Promise<void>;
}

export async function fakeModelServer(): Promise<FakeModelServer> {
  const seen: SeenRequest[] = [];
  let answers: Answer[] = [says('hello')];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const entry: SeenRequest = { path: request.url ?? '', key: request.headers.authorization, body: JSON.parse(await readText(request)) as SeenRequest['body'] };
    seen.push(entry);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(entry, response);
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    answerWith: (...next) => {
      answers = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** A chat completion with 10 tokens in and 5 out. */
export const says =
  (content: string | null): Answer =>
  ({ body }, response) =>
    send(response, 200, { id: 'x', object: 'chat.completion', model: body.model, choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });

export const saysWithoutUsage =
  (content: string): Answer =>
  (_, response) =>
    send(response, 200, { choices: [{ message: { content } }] });

/** An error whose text quotes the key and the prompt, as real servers do. */
export const fails =
  (status: number, headers: Record<string, string> = {}, code?: string): Answer =>
  (request, response) =>
    send(response, status, { error: { message: `wrong key ${request.key}: ${JSON.stringify(request.body)}`, ...(code === undefined ? {} : { code }) } }, headers);

export const sendsHtml: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>');
};

export const sendsBrokenBody: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [');
};

/** Never answers. */
export const hangs: Answer = () => undefined;

/** Sends headers and half a body, then nothing. */
export const stalls: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":');
};

export const hangsUp: Answer = (_, response) => {
  response.destroy();
};

/** One vector per input in reversed order; `length` numbers each, the first of them the length of the text. */
export const embedsInto =
  (length: number, count?: number): Answer =>
  ({ body }, response) => {
    const data = (body.input ?? []).slice(0, count).map((text, index) => ({ object: 'embedding', index, embedding: Array.from({ length }, (_, place) => (place === 0 ? text.length : 1)) }));
    send(response, 200, { object: 'list', model: body.model, data: data.reverse(), usage: { prompt_tokens: 7, total_tokens: 7 } });
  };

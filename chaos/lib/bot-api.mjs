/** The Bot API as far as a notifier talks to it: what arrived there is what a reader has seen. It may be made to misbehave in every way that a server on the internet does. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What may happen to a request instead of a good answer. Those that `took` it have shown the message to the reader; the others have not. */
export const MISHAPS = {
  'says 429': { answer: (response) => json(response, 429, { ok: false, error_code: 429, description: 'Too Many Requests: retry after 1', parameters: { retry_after: 1 } }) },
  'says 500': { answer: (response) => json(response, 500, { ok: false, error_code: 500, description: 'Internal Server Error' }) },
  'is hidden behind a gateway': { answer: (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>no</html>') },
  'hangs': { answer: () => undefined },
  'takes it and hangs': { took: true, answer: () => undefined },
  'takes it and cuts the connection': { took: true, answer: (response) => response.destroy() },
  'takes it and answers half': { took: true, answer: (response) => response.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' }).write('{"ok":true') },
  'takes it and answers no JSON': { took: true, answer: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":tr') },
};

/** @param {() => keyof typeof MISHAPS | undefined} [mishap] asked at each request; undefined is a good answer */
export async function fakeBotApi(mishap = () => undefined) {
  /** One entry for each arrival. @type {string[]} */
  const texts = [];
  const happened = new Map();
  const server = createServer(async (request, response) => {
    let body = '';
    try {
      for await (const piece of request) body += piece;
    } catch {
      // The notifier died in the middle of its request.
      return;
    }
    const { chat_id: chat, text } = JSON.parse(body);
    const name = mishap();
    const { took = true, answer } = name === undefined ? { answer: undefined } : { took: false, ...MISHAPS[name] };
    if (name !== undefined) happened.set(name, (happened.get(name) ?? 0) + 1);
    if (took) texts.push(text);
    if (answer) answer(response);
    else json(response, 200, { ok: true, result: { message_id: texts.length, date: 0, chat: { id: Number(chat), type: 'private' }, text } });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    root: `http://127.0.0.1:${port}`,
    texts,
    /** How often each mishap came. */
    happened,
    /** Nobody listens for so long. */
    async away(ms) {
      await stop();
      await delay(ms);
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

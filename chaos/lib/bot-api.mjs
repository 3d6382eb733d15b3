/** The Bot API as far as a notifier talks to it: what arrived there is what a reader has seen. */
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function fakeBotApi() {
  /** One entry for each arrival. @type {string[]} */
  const texts = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { chat_id: chat, text } = JSON.parse(body);
    texts.push(text);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, result: { message_id: texts.length, date: 0, chat: { id: Number(chat), type: 'private' }, text } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    root: `http://127.0.0.1:${server.address().port}`,
    texts,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

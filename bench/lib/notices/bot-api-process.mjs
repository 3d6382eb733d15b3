/** A Bot API that takes everything and counts it, so that what it costs is not the notifier's. */
import { once } from 'node:events';
import { createServer } from 'node:http';

let received = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    received += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"ok":true,"result":{"message_id":${received},"date":0,"chat":{"id":1,"type":"private"}}}`);
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('message', () => process.send({ received }));
process.on('disconnect', () => process.exit(0));
process.send({ root: `http://127.0.0.1:${server.address().port}` });

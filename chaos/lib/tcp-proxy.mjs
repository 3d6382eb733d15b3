/** A way to a server that can fall silent without closing anything, as a pulled cable does, or become slow. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** @param {() => number} targetPort asked at each connection */
export async function tcpProxy(targetPort) {
  const open = new Set();
  let delayMs = 0;
  const server = createServer((client) => {
    const upstream = connect(targetPort(), '127.0.0.1');
    const pair = { client, upstream, silent: false };
    open.add(pair);
    forward(client, upstream, pair);
    forward(upstream, client, pair);
  }).listen(0, '127.0.0.1');
  const forward = (from, to, pair) => {
    from.setNoDelay();
    from.on('error', () => undefined);
    from.on('close', () => {
      open.delete(pair);
      // A cable that is pulled does not tell the other end either.
      if (!pair.silent) to.destroy();
    });
    void pump(from, to, pair, () => delayMs);
  };
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** The connections of now pass nothing on any more; later ones do. */
    freeze() {
      for (const pair of open) pair.silent = true;
    },
    /** Every piece takes this much longer. */
    slow(ms) {
      delayMs = ms;
    },
    async close() {
      for (const { client, upstream } of open) {
        client.destroy();
        upstream.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

async function pump(from, to, pair, delayMs) {
  try {
    for await (const piece of from) {
      if (delayMs() > 0) await delay(delayMs());
      if (pair.silent) await new Promise(() => undefined);
      if (!to.write(piece)) await once(to, 'drain');
    }
    if (!pair.silent) to.end();
  } catch {
    if (!pair.silent) to.destroy();
  }
}

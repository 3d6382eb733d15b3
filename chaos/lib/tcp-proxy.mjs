/** A way to a server that can fall silent without closing anything, as a pulled cable does, or become slow. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A pulled cable is noticed by the server after this. */
const KEEPALIVE_MS = 60_000;

/** @param {() => number} targetPort asked at each connection @param {{ keepaliveMs?: number }} [options] */
export async function tcpProxy(targetPort, { keepaliveMs = KEEPALIVE_MS } = {}) {
  const open = new Set();
  /** Of a silent pair one end may be gone long before the other. */
  const sockets = new Set();
  let delayMs = 0;
  /** @type {{ word: string, met: () => void } | undefined} */
  let trap;
  const freeze = () => {
    for (const pair of open) {
      pair.silent = true;
      // What the server's keepalives find out in the end.
      setTimeout(() => pair.upstream.destroy(), keepaliveMs).unref();
    }
  };
  const springs = (piece) => {
    if (trap === undefined || !piece.includes(trap.word)) return;
    freeze();
    trap.met();
    trap = undefined;
  };
  const server = createServer((client) => {
    const upstream = connect(targetPort(), '127.0.0.1');
    const pair = { client, upstream, silent: false };
    open.add(pair);
    forward(client, upstream, pair, springs);
    forward(upstream, client, pair, () => undefined);
  }).listen(0, '127.0.0.1');
  const forward = (from, to, pair, look) => {
    sockets.add(from);
    from.setNoDelay();
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      open.delete(pair);
      // A cable that is pulled does not tell the other end either.
      if (!pair.silent) to.destroy();
    });
    void pump(from, to, pair, { look, delayMs: () => delayMs });
  };
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** The connections of now pass nothing on any more; later ones do. */
    freeze,
    /** The same, as soon as a client says this word, and the word does not pass any more. @param {string} word @returns {Promise<void>} when it was said */
    freezeBefore: (word) => new Promise((met) => (trap = { word, met })),
    /** Every piece takes this much longer. */
    slow(ms) {
      delayMs = ms;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function pump(from, to, pair, { look, delayMs }) {
  try {
    for await (const piece of from) {
      look(piece);
      if (delayMs() > 0) await delay(delayMs());
      if (pair.silent) await new Promise(() => undefined);
      if (!to.write(piece)) await once(to, 'drain');
    }
    if (!pair.silent) to.end();
  } catch {
    if (!pair.silent) to.destroy();
  }
}

/** A TCP proxy between a program and its server: it can go silent without closing anything, as a pulled cable does, or refuse everybody. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** What each client said first, in order of arrival. */
  readonly greetings: readonly Buffer[];
  /** The most clients that were connected at the same time. */
  readonly most: number;
  /** The connections of now pass nothing on any more; later ones do. */
  freeze(): void;
  /** Ends every connection and refuses new ones, as a stopped server does. */
  cut(): void;
  /** Lets new connections through again. */
  mend(): void;
  close(): Promise<void>;
}

export async function tcpProxy(target: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const greetings: Buffer[] = [];
  let [refusing, clients, most] = [false, 0, 0];
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    if (refusing) return void client.destroy();
    most = Math.max(most, (clients += 1));
    client.once('close', () => (clients -= 1));
    client.once('data', (data: Buffer) => greetings.push(data));
    const upstream = connect(target, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    greetings,
    get most() {
      return most;
    },
    freeze() {
      for (const socket of open) socket.unpipe().removeAllListeners('data').pause();
    },
    cut() {
      refusing = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      refusing = false;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

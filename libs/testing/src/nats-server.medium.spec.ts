import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import type { NatsServer } from './index.js';
import { natsServer } from './index.js';

let server: NatsServer;
beforeAll(async () => {
  server = await natsServer();
});
afterAll(() => server.stop());

async function withConnection<T>(work: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: server.url });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
const streamNames = (): Promise<string[]> =>
  withConnection(async (connection) => (await (await jetstreamManager(connection)).streams.list().next()).map((stream) => stream.config.name));

it('keeps its streams over a restart, and loses them when it is wiped', async () => {
  await withConnection(async (connection) => (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept.>'] }));
  await server.restart();
  expect(await streamNames()).toEqual(['KEPT']);
  await server.wipe();
  expect(await streamNames()).toEqual([]);
});

it('is gone after a kill, and comes back on the same port', async () => {
  await server.kill();
  await expect(connect({ servers: server.url, reconnect: false, timeout: 500 })).rejects.toThrow();
  await server.start();
  await withConnection((connection) => connection.flush());
});

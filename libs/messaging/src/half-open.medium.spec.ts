import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { natsServer, tcpProxy } from '@carillon/testing';
import type { NatsServer, TcpProxy } from '@carillon/testing';
import { SpecLog } from '../spec/under-test.js';
import { connectBus } from './index.js';

describe('a connection that went silent without closing', () => {
  let server: NatsServer;
  let proxy: TcpProxy;
  beforeEach(async () => {
    server = await natsServer();
    proxy = await tcpProxy(server.port);
  });
  afterEach(async () => {
    await proxy.close();
    await server.stop();
  });

  it('is given up after some ten seconds of silence and made again', async () => {
    const log = new SpecLog();
    const bus = await connectBus({ url: `nats://127.0.0.1:${proxy.port}`, service: 'scheduler', log });
    proxy.freeze();
    const silent = performance.now();
    await log.lines.next(({ message }) => message === 'connected to NATS again');
    // The library left to itself takes minutes.
    expect(performance.now() - silent).toBeLessThan(20_000);
    expect((await bus.status()).connected).toBe(true);
    await bus.close();
  });
});

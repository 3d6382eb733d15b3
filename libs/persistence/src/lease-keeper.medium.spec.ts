/** How often the heart beats: once a second for whoever holds a step, and no more than needed for whoever holds none. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { signal } from '@carillon/testing';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { LeaseKeeper, registerService } from './index.js';
import type { KeeperEvent } from './index.js';

let house: Ledger;
let keeper: LeaseKeeper;
let serviceId: string;
beforeEach(async () => {
  house = await ledger();
  serviceId = await registerService(house.dataSource, { name: 'spec', host: 'spec', pid: 1 });
  keeper = await LeaseKeeper.start({ url: house.url, serviceId, leaseMs: 30_000 });
});
afterEach(async () => {
  await keeper.stop();
  await house.close();
});

const beats = async (): Promise<number> => (await house.query<{ ms: number }>('SELECT extract(epoch FROM engine.clock() - beat_at)::float8 * 1000 AS ms FROM engine.service WHERE id = $1', [serviceId]))[0]?.ms ?? Infinity;

it('a process that begins to work at rest is told of at once, and beats every second from then on', async () => {
  const { id } = await house.run();
  await house.query(`UPDATE engine.active_run SET status = 'running', claimed_by = $2, claimed_at = engine.clock() WHERE run_id = $1`, [id, serviceId]);
  const [first, second] = [signal<KeeperEvent>('a beat'), signal<KeeperEvent>('another beat')];
  keeper.onEvent((event) => (event.kind === 'beat' && event.held.length === 1 ? first.resolve(event) : undefined));
  const asked = performance.now();
  keeper.attend();
  await first.wait();
  keeper.onEvent((event) => second.resolve(event));
  await second.wait();
  // Left to itself it would have rested for five seconds, and as long again before the second.
  expect(performance.now() - asked).toBeLessThan(5_000);
  expect(await beats()).toBeLessThan(5_000);
});

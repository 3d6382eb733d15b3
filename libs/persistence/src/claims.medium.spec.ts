import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, done } from '@carillon/engine';
import type { PipelineLimits, StepRate } from '@carillon/engine';
import { bell, ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { claimDueSteps, claimWithinLimits, createRuns, inTransaction, newId, settleStep } from './index.js';
import type { ClaimedStep, NewRun, WithinLimits } from './index.js';

let house: Ledger;
beforeAll(async () => void (house = await ledger()));
afterAll(() => house.close());
beforeEach(async () => {
  await house.query('TRUNCATE engine.active_run, engine.rate');
  await house.moveClock(0);
});

const plan = bell('bell', { steps: ['only'] }).steps.map((one) => one.plan);
const make = (scope: string, count: number, priority = 0): Promise<unknown> =>
  inTransaction(house.dataSource, (manager) => createRuns(manager, Array.from({ length: count }, (): NewRun => ({ pipeline: 'bell', scope, trigger: 'manual', plan, overlap: allowOverlap, priority }))));
const claim = (room: number): Promise<ClaimedStep[]> => claimDueSteps(house.dataSource, { worker: newId(), owner: 'scheduler', pipelines: ['bell'], steps: ['bell.only'], room });
const within = (limits: PipelineLimits, options: { room?: number; rate?: StepRate; overall?: number } = {}): Promise<WithinLimits> => {
  const { room = 100, rate, overall } = options;
  return claimWithinLimits(house.dataSource, { worker: newId(), owner: 'scheduler', pipeline: 'bell', steps: [{ name: 'only', ...(rate && { rate }) }], room, limits, ...(overall !== undefined && { overall }) });
};
const scopes = (claims: readonly ClaimedStep[]): string[] => claims.map(({ run }) => run.scope);
const settle = (claims: readonly ClaimedStep[]): Promise<unknown> => Promise.all(claims.map((one) => settleStep(house.dataSource, one, done(), 0)));

describe('what is claimed first', () => {
  it('has the higher priority', async () => {
    await make('ordinary', 5);
    await make('urgent', 2, 10);
    await make('whenever', 2, -10);
    expect(scopes(await claim(9)).sort()).toEqual([...Array<string>(5).fill('ordinary'), 'urgent', 'urgent', 'whenever', 'whenever'].sort());
    await house.query('TRUNCATE engine.active_run');
    await make('ordinary', 5);
    await make('urgent', 2, 10);
    expect(scopes(await claim(3)).sort()).toEqual(['ordinary', 'urgent', 'urgent']);
  });

  it('is not one tenant with ten thousand runs: those with few wait for a handful, not for all', async () => {
    await make('giant', 10_000);
    const before = await claim(40);
    expect(new Set(scopes(before))).toEqual(new Set(['giant']));
    for (let n = 0; n < 20; n += 1) await make(`small-${n}`, 3);
    const order: string[] = [];
    while (order.length < 160) order.push(...scopes(await claim(8)));
    const places = (scope: string): number[] => order.flatMap((one, place) => (one === scope ? [place] : []));
    // Twenty-one tenants take turns, so each turn is 21 claims; the first comes at once.
    for (let n = 0; n < 20; n += 1) {
      const [first = Infinity, second = Infinity, third = Infinity] = places(`small-${n}`);
      expect([first < 29, second < 50, third < 71]).toEqual([true, true, true]);
    }
    // The giant is not starved either: it has its turn in each round.
    expect(places('giant').length).toBeGreaterThanOrEqual(order.length - 60);
  });

  it('gives no credit to a tenant for having been away', async () => {
    await make('steady', 500);
    for (let n = 0; n < 30; n += 1) await claim(10);
    await make('returning', 200);
    const order: string[] = [];
    while (order.length < 100) order.push(...scopes(await claim(10)));
    const returning = order.filter((scope) => scope === 'returning').length;
    expect(returning).toBeGreaterThanOrEqual(40);
    expect(returning).toBeLessThanOrEqual(60);
  });

  it('is never claimed twice by workers that race', async () => {
    await make('all', 300);
    const claims = (await Promise.all(Array.from({ length: 12 }, () => claim(40)))).flat();
    expect(new Set(claims.map((one) => one.run.id)).size).toBe(claims.length);
    const rest = await claim(300);
    expect(claims.length + rest.length).toBe(300);
  });
});

describe('limits', () => {
  // riverqueue/river#1145: limits over all workers cost half of the pace; pg-boss documents that a group's may be exceeded.
  it('hold for a pipeline however many workers ask at once, exactly', async () => {
    await make('a', 50);
    const claims = (await Promise.all(Array.from({ length: 8 }, () => within({ concurrency: 7 })))).flatMap((one) => one.claims);
    expect(claims).toHaveLength(7);
    expect((await within({ concurrency: 7 })).claims).toEqual([]);
    await settle(claims.slice(0, 3));
    expect((await Promise.all([within({ concurrency: 7 }), within({ concurrency: 7 })])).flatMap((one) => one.claims)).toHaveLength(3);
  });

  it('hold for each scope, and a scope at its limit is no obstacle for the others', async () => {
    await make('giant', 2_000);
    for (let n = 0; n < 5; n += 1) await make(`small-${n}`, 1);
    const { claims } = await within({ perScope: 2 });
    expect(scopes(claims).sort()).toEqual(['giant', 'giant', 'small-0', 'small-1', 'small-2', 'small-3', 'small-4']);
    expect((await within({ perScope: 2 })).claims).toEqual([]);
  });

  it('hold for all steps of a service', async () => {
    await make('a', 20);
    expect((await within({}, { overall: 5 })).claims).toHaveLength(5);
    const { claims, againInMs } = await within({}, { overall: 5 });
    expect(claims).toEqual([]);
    expect(againInMs).toBeLessThanOrEqual(1_000);
  });

  it('of a rate let a burst through, and then what the bucket gains', async () => {
    const rate = { count: 2, per: 10_000, burst: 3 };
    await make('a', 20);
    const first = await within({}, { rate });
    expect(first.claims).toHaveLength(3);
    expect(first.againInMs).toBeGreaterThan(4_000);
    expect(first.againInMs).toBeLessThanOrEqual(5_000);
    expect((await within({}, { rate })).claims).toEqual([]);
    await house.moveClock(5_100);
    expect((await within({}, { rate })).claims).toHaveLength(1);
    await house.moveClock(10_200);
    expect((await Promise.all([within({}, { rate }), within({}, { rate })])).flatMap((one) => one.claims)).toHaveLength(1);
    await house.moveClock(3_600_000);
    expect((await within({}, { rate })).claims).toHaveLength(3);
  });

  it('of a rate take no token for a step that is not there', async () => {
    const rate = { count: 1, per: 60_000, burst: 1 };
    expect(await within({}, { rate })).toEqual({ claims: [], againInMs: Infinity });
    await make('a', 2);
    expect((await within({}, { rate })).claims).toHaveLength(1);
  });
});

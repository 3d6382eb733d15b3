import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, step } from '@carillon/engine';
import { createDataSource, createRun, inTransaction } from '@carillon/persistence';
import { eventually, moveDatabaseClock, natsServer, testDatabase } from '@carillon/testing';
import type { NatsServer, TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { ringers } from '../../spec/ringers.js';
import type { Ringers } from '../../spec/ringers.js';

const PLAN = ['first', 'second'].map((name) => step<never>(name, { does: 'writes one row', run: async () => done() }).plan);

let database: TestDatabase;
let nats: NatsServer;
let dataSource: DataSource;
/** Real processes, killed where it hurts. */
let processes: Ringers;
beforeEach(async () => {
  [database, nats] = await Promise.all([testDatabase(), natsServer()]);
  dataSource = await createDataSource({ url: database.url, service: 'witness', poolSize: 3 });
  await dataSource.query('CREATE TABLE public.effect (run_id uuid, step text)');
  processes = ringers(database.url, nats.url);
});
afterEach(async () => {
  await processes.end();
  await dataSource.destroy();
  await nats.stop();
  await database.drop();
});

async function request(count: number, params = {}): Promise<string[]> {
  return inTransaction(dataSource, async (manager) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push((await createRun(manager, { pipeline: 'chime', scope: '', trigger: 'manual', plan: PLAN, overlap: allowOverlap, params })).id);
    return ids;
  });
}
const allOver = (): Promise<unknown> =>
  eventually(async () => (await dataSource.query(`SELECT FROM engine.run WHERE status IN ('queued', 'running')`)).length === 0, { within: 25_000, every: 50, what: 'every run to end' });
const effects = async (): Promise<string[]> => (await dataSource.query<{ effect: string }[]>(`SELECT run_id || ' ' || step AS effect FROM public.effect ORDER BY 1`)).map((row) => row.effect);
const onceEach = (ids: readonly string[]): string[] => ids.flatMap((id) => [`${id} first`, `${id} second`]).sort();

/** Park and Miller's generator: the same strikes every time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
}

describe('processes that are killed', () => {
  it('twenty times in the middle of their work leave every effect done once', async () => {
    const roll = dice(20_261_122);
    const ids: string[] = [];
    const moments = ['running', 'written', 'handled'] as const;
    // Two at a time: each round kills both, at instants of their own.
    for (let round = 0; round < 10; round += 1) {
      const pair = await Promise.all([processes.start(), processes.start()]);
      const struck = pair.map((one) => {
        const moment = moments[roll(3)];
        return one.heard(({ what }) => what === moment, 1 + roll(3), () => one.child.kill('SIGKILL'));
      });
      ids.push(...(await request(24)));
      await Promise.all(struck);
    }
    // The dead ones' leases run out in the blink of a clock.
    await moveDatabaseClock(database.url, 10_000);
    await processes.start();
    await allOver();
    expect(await effects()).toEqual(onceEach(ids));
    expect(await dataSource.query(`SELECT DISTINCT status FROM engine.run`)).toEqual([{ status: 'succeeded' }]);
    const lost = await dataSource.query<unknown[]>(`SELECT FROM engine.step WHERE status = 'lost'`);
    expect(lost.length).toBeGreaterThan(0);
  });

  it('and one that is stopped for longer than its lease can write nothing when it goes on', async () => {
    const zombie = await processes.start();
    const frozen = zombie.heard(({ what }) => what === 'running', 1, () => zombie.child.kill('SIGSTOP'));
    const ids = await request(1);
    const { about } = await frozen;
    await moveDatabaseClock(database.url, 10_000);
    await processes.start();
    await allOver();
    const handled = zombie.heard((one) => one.what === 'handled' && one.about === about);
    zombie.child.kill('SIGCONT');
    await handled;
    expect(await effects()).toEqual(onceEach(ids));
    const attempts = await dataSource.query<{ status: string }[]>(`SELECT status FROM engine.step WHERE run_id = $1 AND name = 'first' ORDER BY attempt`, [ids[0]]);
    expect(attempts.map((row) => row.status)).toEqual(['lost', 'done']);
  });

  // taskforcesh/bullmq#3056 and #3183, agno-agi/agno#9512, kagkarlsson/db-scheduler#402: a busy worker is declared dead, and its work is done twice.
  it('and one whose event loop stands still for longer than its lease keeps its step', async () => {
    await processes.start();
    await processes.start();
    const ids = await request(1, { busy: true });
    await allOver();
    expect(await effects()).toEqual(onceEach(ids));
    expect(await dataSource.query(`SELECT DISTINCT status FROM engine.step`)).toEqual([{ status: 'done' }]);
  });
});

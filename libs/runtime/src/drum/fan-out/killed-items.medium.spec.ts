import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, step } from '@carillon/engine';
import { createDataSource, createRun, inTransaction, listRuns } from '@carillon/persistence';
import { eventually, moveDatabaseClock, natsServer, testDatabase } from '@carillon/testing';
import type { NatsServer, TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { ringers } from '../../../spec/ringers.js';
import type { Ringers } from '../../../spec/ringers.js';

const PLAN = [step<never>('items', { does: 'writes one row for each item', run: async () => done() }).plan];

let database: TestDatabase;
let nats: NatsServer;
let dataSource: DataSource;
let processes: Ringers;
beforeEach(async () => {
  [database, nats] = await Promise.all([testDatabase(), natsServer()]);
  dataSource = await createDataSource({ url: database.url, service: 'witness', poolSize: 3 });
  await dataSource.query('CREATE TABLE public.effect (run_id uuid, item text)');
  processes = ringers(database.url, nats.url);
});
afterEach(async () => {
  await processes.end();
  await dataSource.destroy();
  await nats.stop();
  await database.drop();
});

const request = (count: number, items: number): Promise<string[]> =>
  inTransaction(dataSource, async (manager) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push((await createRun(manager, { pipeline: 'parcels', scope: '', trigger: 'manual', plan: PLAN, overlap: allowOverlap, params: { items } })).id);
    return ids;
  });
const allOver = (ids: string[]): Promise<unknown> =>
  eventually(async () => (await dataSource.query(`SELECT FROM engine.run WHERE id = ANY($1) AND status NOT IN ('queued', 'running')`, [ids])).length === ids.length, { within: 25_000, every: 50, what: 'every run to end' });
/** What Postgres does 20 seconds after somebody stopped inside of a transaction: it ends the session, and the locks go. */
const endStoppedTransactions = (): Promise<unknown> =>
  dataSource.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL');
const effects = async (): Promise<string[]> => (await dataSource.query<{ effect: string }[]>(`SELECT run_id || ' ' || item AS effect FROM public.effect ORDER BY 1`)).map((row) => row.effect);
const onceEach = (ids: readonly string[], items: number): string[] => ids.flatMap((id) => Array.from({ length: items }, (_none, place) => `${id} item-${place}`)).sort();
const endings = async (ids: readonly string[]): Promise<unknown[]> => Promise.all(ids.map(async (id) => (await listRuns(dataSource, { id })).map(({ status, counts }) => ({ status, counts }))[0]));

describe('a step over items whose worker is killed in the middle', () => {
  it('goes on with the items that are not done, and each effect happens once', async () => {
    const ids: string[] = [];
    const items = 60;
    for (const [moment, nth] of [['running', 9], ['written', 21], ['written', 34], ['running', 55]] as const) {
      const one = await processes.start();
      const struck = one.heard(({ what }) => what === moment, nth, () => one.child.kill('SIGKILL'));
      ids.push(...(await request(2, items)));
      await struck;
    }
    // The dead ones' leases run out in the blink of a clock.
    await moveDatabaseClock(database.url, 10_000);
    await processes.start();
    await allOver(ids);
    expect(await effects()).toEqual(onceEach(ids, items));
    expect(await endings(ids)).toEqual(ids.map(() => ({ status: 'succeeded', counts: { itemsDone: items, itemsFailed: 0, itemsSkipped: 0 } })));
  });

  it('or stopped for longer than its lease: what it had in hand is refused when it goes on', async () => {
    const zombie = await processes.start();
    const frozen = zombie.heard(({ what }) => what === 'running', 10, () => zombie.child.kill('SIGSTOP'));
    const ids = await request(1, 60);
    await frozen;
    await endStoppedTransactions();
    await moveDatabaseClock(database.url, 10_000);
    await processes.start();
    await allOver(ids);
    const handled = zombie.heard(({ what }) => what === 'handled');
    zombie.child.kill('SIGCONT');
    await handled;
    expect(await effects()).toEqual(onceEach(ids, 60));
    expect(await endings(ids)).toEqual([{ status: 'succeeded', counts: { itemsDone: 60, itemsFailed: 0, itemsSkipped: 0 } }]);
  });
});

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, step } from '@carillon/engine';
import { createDataSource, createRun, inTransaction } from '@carillon/persistence';
import { eventually, moveDatabaseClock, natsServer, testDatabase } from '@carillon/testing';
import type { NatsServer, TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';

/** Real processes, killed where it hurts. They run the built code, as in production. */
const PROGRAM = join(import.meta.dirname, '../../spec/ringer-process.mjs');
const PLAN = ['first', 'second'].map((name) => step<never>(name, { does: 'writes one row', run: async () => done() }).plan);

let database: TestDatabase;
let nats: NatsServer;
let dataSource: DataSource;
let children: ChildProcess[];
beforeEach(async () => {
  [database, nats] = await Promise.all([testDatabase(), natsServer()]);
  dataSource = await createDataSource({ url: database.url, service: 'witness', poolSize: 3 });
  await dataSource.query('CREATE TABLE public.effect (run_id uuid, step text)');
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => end(child)));
  await dataSource.destroy();
  await nats.stop();
  await database.drop();
});

interface Told {
  what: 'ready' | 'running' | 'written' | 'handled';
  about?: string;
}
interface Ringer {
  child: ChildProcess;
  told: EventEmitter<{ told: [Told] }>;
}

async function ringer(): Promise<Ringer> {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  const child = fork(PROGRAM, { env: { ...env, DATABASE_URL: database.url, NATS_URL: nats.url, BUSY_MS: '5000' }, execArgv: [] });
  children.push(child);
  const told = new EventEmitter<{ told: [Told] }>();
  child.on('message', (message) => told.emit('told', message as Told));
  await heard({ child, told }, (one) => one.what === 'ready');
  return { child, told };
}

/** Resolves at the n-th thing told that fits, at once: not a tick later. */
function heard({ child, told }: Ringer, fits: (one: Told) => boolean, nth = 1, then: () => void = () => undefined): Promise<Told> {
  return new Promise((resolve, reject) => {
    let count = 0;
    child.once('exit', (code, signal) => reject(new Error(`the ringer ended (${code ?? signal}) before that was heard`)));
    told.on('told', (one) => {
      if (!fits(one) || (count += 1) !== nth) return;
      then();
      resolve(one);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

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
      const pair = await Promise.all([ringer(), ringer()]);
      const struck = pair.map((one) => {
        const moment = moments[roll(3)];
        return heard(one, ({ what }) => what === moment, 1 + roll(3), () => one.child.kill('SIGKILL'));
      });
      ids.push(...(await request(24)));
      await Promise.all(struck);
    }
    // The dead ones' leases run out in the blink of a clock.
    await moveDatabaseClock(database.url, 10_000);
    await ringer();
    await allOver();
    expect(await effects()).toEqual(onceEach(ids));
    expect(await dataSource.query(`SELECT DISTINCT status FROM engine.run`)).toEqual([{ status: 'succeeded' }]);
    const lost = await dataSource.query<unknown[]>(`SELECT FROM engine.step WHERE status = 'lost'`);
    expect(lost.length).toBeGreaterThan(0);
  }, 120_000);

  it('and one that is stopped for longer than its lease can write nothing when it goes on', async () => {
    const zombie = await ringer();
    const frozen = heard(zombie, ({ what }) => what === 'running', 1, () => zombie.child.kill('SIGSTOP'));
    const ids = await request(1);
    const { about } = await frozen;
    await moveDatabaseClock(database.url, 10_000);
    await ringer();
    await allOver();
    const handled = heard(zombie, (one) => one.what === 'handled' && one.about === about);
    zombie.child.kill('SIGCONT');
    await handled;
    expect(await effects()).toEqual(onceEach(ids));
    const attempts = await dataSource.query<{ status: string }[]>(`SELECT status FROM engine.step WHERE run_id = $1 AND name = 'first' ORDER BY attempt`, [ids[0]]);
    expect(attempts.map((row) => row.status)).toEqual(['lost', 'done']);
  });

  it('and one whose event loop stands still for longer than its lease keeps its step', async () => {
    await ringer();
    await ringer();
    const ids = await request(1, { busy: true });
    await allOver();
    expect(await effects()).toEqual(onceEach(ids));
    expect(await dataSource.query(`SELECT DISTINCT status FROM engine.step`)).toEqual([{ status: 'done' }]);
  });
});

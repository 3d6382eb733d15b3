/** Schedules that wait for something other than time: a sensor with a deadline, and the end of another pipeline's run. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { after, done, every, fail, hours, minutes, PermanentError, whenReady } from '@carillon/engine';
import type { Pipeline, Readiness } from '@carillon/engine';
import { bell, hosting, ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { ringing, runsOf } from '../spec/ringing.js';
import { createSchedule, editSchedule, listRuns, listSchedules, newId, syncSchedules } from './index.js';

let house: Ledger;
beforeEach(async () => void (house = await ledger()));
afterEach(() => house.close());

const { sync, ringAll } = ringing(() => house);
const told = (): Promise<{ after: number; outcome: string }[]> => house.query(`SELECT round(extract(epoch FROM o.scheduled_for - s.anchor_at) / 60)::int AS after, outcome FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id ORDER BY 1`);

describe('a schedule that waits until something is ready', () => {
  let missing: string[] = [];
  const asked: string[] = [];
  const sensor = {
    name: 'ledgers',
    ready: async (_services: never, _transaction: unknown, at: { scope: string; scheduledFor: Date }): Promise<Readiness> => {
      asked.push(at.scheduledFor.toISOString());
      if (missing.includes('broken')) throw new Error('the ledger service is away');
      return missing.length === 0 ? { ready: true } : { ready: false, waitingFor: missing };
    },
  };
  const books: Pipeline<never> = bell('books', { trigger: whenReady<never>({ sensor, from: every(hours(1)), deadline: minutes(30), poll: minutes(1) }) });
  const at = async (minute: number): Promise<string[]> => {
    await house.moveClock(minutes(minute) + 500);
    return runsOf(await ringAll([books]));
  };
  beforeEach(async () => {
    missing = ['oslo', 'bergen'];
    asked.length = 0;
    await sync(books);
  });

  it('asks from its instant on, shows what is missing, and rings when nothing is', async () => {
    expect(await at(59)).toEqual([]);
    expect(asked).toEqual([]);
    expect(await at(60)).toEqual([]);
    missing = ['bergen'];
    expect(await at(61)).toEqual([]);
    const [view] = await listSchedules(house.dataSource);
    expect(view).toMatchObject({ waitingList: ['bergen'], waitingFor: expect.stringMatching(/^waiting for bergen since /) });
    missing = [];
    expect(await at(62)).toEqual(['books running']);
    expect(await told()).toEqual([{ after: 60, outcome: 'ran' }]);
    expect(new Set(asked).size).toBe(1);
    expect((await listSchedules(house.dataSource))[0]).toMatchObject({ waitingList: [], waitingFor: null });
  });

  it('fails at the deadline with the list, and nothing of it is executed', async () => {
    for (let minute = 60; minute < 90; minute += 5) expect(await at(minute)).toEqual([]);
    expect(await at(90)).toEqual(['books failed']);
    const [run] = await listRuns(house.dataSource);
    expect(run).toMatchObject({ status: 'failed', trigger: 'whenReady', errors: ['still waiting for oslo', 'still waiting for bergen'], steps: [], reason: expect.stringContaining('ledgers was not ready by ') });
    expect(await told()).toEqual([{ after: 60, outcome: 'expired' }]);
    expect((await listSchedules(house.dataSource))[0]?.failuresInRow).toBe(1);
    // The next instant is looked for anew.
    missing = [];
    expect(await at(120)).toEqual(['books running']);
  });

  it('fails at the deadline also when its sensor can not be asked', async () => {
    missing = ['broken'];
    await at(60);
    expect((await listSchedules(house.dataSource))[0]?.lastError).toBe('Error: the ledger service is away');
    expect(await at(91)).toEqual(['books failed']);
    expect((await listRuns(house.dataSource))[0]?.errors).toEqual(['ledgers: the ledger service is away']);
  });

  it('goes on waiting in another process, and looks for the latest of several owed instants only', async () => {
    expect(await at(60)).toEqual([]);
    await house.moveClock(minutes(185) + 500);
    missing = [];
    expect(runsOf(await ringAll([books], await house.another()))).toEqual(['books running']);
    expect(await told()).toEqual([{ after: 60, outcome: 'coalesced' }, { after: 120, outcome: 'coalesced' }, { after: 180, outcome: 'ran' }]);
  });
});

describe('a schedule that follows another pipeline', () => {
  const report: Pipeline<never> = bell('report', { trigger: after('import', { outcome: ['succeeded', 'partial'], when: { imported: { atLeast: 1 } } }) as never });
  /** A run of import that worked through its two steps, or failed in the first. */
  const ended = async (status: 'succeeded' | 'failed', counts: Record<string, number> = { imported: 2 }, scope = ''): Promise<string> => {
    const { id } = await house.run({ pipeline: 'import', scope });
    if (status === 'failed') await house.settle(await house.claim(id), fail(new PermanentError('no')));
    else for (const report of [{ counts }, {}]) await house.settle(await house.claim(id), done(report));
    return id;
  };
  const outcomes = (): Promise<object[]> => house.query(`SELECT outcome, reason, cause, run_id IS NOT NULL AS rang FROM engine.occurrence ORDER BY scheduled_for, cause`);
  beforeEach(() => sync(report));

  it('rings once for each run that ended as wanted, in a run of its own that takes no instant', async () => {
    const id = await ended('succeeded');
    expect(runsOf(await ringAll([report]))).toEqual(['report running']);
    expect(await ringAll([report])).toEqual([]);
    expect(await outcomes()).toEqual([{ outcome: 'ran', reason: `after run ${id} of import succeeded`, cause: id, rang: true }]);
    expect((await listRuns(house.dataSource, { pipeline: 'report' }))[0]).toMatchObject({ trigger: 'after', scheduledFor: null });
    expect(await house.query('SELECT FROM engine.chain_due')).toEqual([]);
  });

  it('says why it does not ring', async () => {
    const failed = await ended('failed');
    const empty = await ended('succeeded', {});
    expect(await ringAll([report])).toEqual([]);
    expect(await outcomes()).toEqual([
      { outcome: 'skipped', reason: `run ${failed} of import failed, not succeeded or partial`, cause: failed, rang: false },
      { outcome: 'skipped', reason: `run ${empty} of import succeeded with 0 imported, less than 1`, cause: empty, rang: false },
    ]);
  });

  it('is no business of runs of another scope, unless it follows each', async () => {
    await ended('succeeded', { imported: 1 }, 'oslo');
    expect(await ringAll([report])).toEqual([]);
    expect(await outcomes()).toEqual([]);
    const each = bell('report', { trigger: after('import', { scope: 'each' }) as never });
    await sync(each);
    await ended('succeeded', {}, 'oslo');
    const [rung] = await ringAll([each]);
    expect(await listRuns(house.dataSource, { id: rung?.runs[0]?.id ?? newId() })).toMatchObject([{ pipeline: 'report', scope: 'oslo' }]);
  });

  it('rings once, however many schedulers look', async () => {
    for (let n = 0; n < 20; n += 1) await ended('succeeded', { imported: 1 });
    const schedulers = await Promise.all(Array.from({ length: 4 }, () => house.another(2)));
    await Promise.all(schedulers.map((scheduler) => ringAll([report], scheduler)));
    expect(await house.query(`SELECT count(*)::int AS count, count(DISTINCT run_id)::int AS runs, count(DISTINCT cause)::int AS causes FROM engine.occurrence`)).toEqual([{ count: 20, runs: 20, causes: 20 }]);
  });
});

// Two chained pipelines that follow each other would ring for ever, each run the cause of the next.
describe('schedules that would follow each other round and round', () => {
  const [orders, bills] = [bell('orders'), bell('bills')];
  const hosted = hosting(orders, bills);
  const make = (pipeline: Pipeline<never>, name: string, follows: string, scope = ''): Promise<void> =>
    createSchedule(house.dataSource, { ...pipeline, trigger: after(follows, { outcome: 'failed' }).trigger, name, pipeline: pipeline.name, scope, params: {}, priority: 0 });
  const names = async (): Promise<string[]> => (await listSchedules(house.dataSource)).map((one) => one.name).sort();
  const circle = 'schedule "bill" would close a circle in which every run causes the next: orders → bills (schedule "bill") → orders (schedule "order"). Let one of them ring by time or by hand, or delete it';

  it('are refused with the circle in words, made or edited', async () => {
    await make(orders, 'order', 'bills');
    await expect(make(bills, 'bill', 'orders')).rejects.toThrow(circle);
    await make(bills, 'bill', 'orders', 'oslo');
    await expect(editSchedule(house.dataSource, hosted, 'bill', { scope: '' })).rejects.toThrow(circle);
    expect(await listSchedules(house.dataSource, { scope: 'oslo' })).toMatchObject([{ name: 'bill' }]);
    await editSchedule(house.dataSource, hosted, 'order', { trigger: every(hours(1)).trigger });
    await editSchedule(house.dataSource, hosted, 'bill', { scope: '' });
  });

  it('are refused to whoever comes second of two at once', async () => {
    const made = await Promise.allSettled([make(orders, 'order', 'bills'), make(bills, 'bill', 'orders')]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await names()).toHaveLength(1);
  });

  it('keep a scheduler of such code from starting, and none whose code has only changed its direction', async () => {
    const chained = (name: string, follows: string): Pipeline<never> => bell(name, { trigger: after(follows) as never });
    const code = (...pipelines: Pipeline<never>[]): Promise<void> => syncSchedules(house.dataSource, [...hosting(...pipelines).values()]);
    await expect(code(chained('orders', 'bills'), chained('bills', 'orders'))).rejects.toThrow('would close a circle');
    expect(await names()).toEqual([]);
    await code(chained('orders', 'bills'), bills);
    await code(orders, chained('bills', 'orders'));
    expect(await names()).toEqual(['bills', 'orders']);
  });
});

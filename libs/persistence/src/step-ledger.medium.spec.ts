import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { done, fail, MAX_LOST_ATTEMPTS, PermanentError, snooze } from '@carillon/engine';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { claimStep, listRuns, managerOf, newId, renudgeWaitingSteps, StaleLease, takeOverLostSteps } from './index.js';
import type { ClaimedStep } from './index.js';

let house: Ledger;
beforeAll(async () => {
  house = await ledger();
  await house.query('CREATE TABLE effect (text text)');
});
afterAll(() => house.close());

let scopes = 0;
const fresh = async (): Promise<string> => (await house.run({ scope: `scope-${(scopes += 1)}` })).id;
const steps = async (id: string): Promise<string[]> => ((await listRuns(house.dataSource, { id }))[0]?.steps ?? []).map((one) => `${one.name} ${one.attempt} ${one.status}`);
const effects = async (text: string): Promise<number> => (await house.query('SELECT FROM effect WHERE text = $1', [text])).length;
const writing = (text: string): ReturnType<typeof done> => done({ write: async (transaction) => void (await managerOf(transaction).query('INSERT INTO effect VALUES ($1)', [text])) });
const silence = (claim: ClaimedStep): Promise<unknown> => house.query(`UPDATE engine.active_run SET lease_until = engine.clock() - interval '1 second' WHERE step_id = $1`, [claim.id]);

describe('a claim', () => {
  it('is won by one of many', async () => {
    const id = await fresh();
    const [due] = await house.query<{ id: string }>('SELECT step_id AS id FROM engine.active_run WHERE run_id = $1', [id]);
    const claims = await Promise.all(Array.from({ length: 10 }, () => claimStep(house.dataSource, due?.id ?? '', newId(), 30_000)));
    expect(claims.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await claimStep(house.dataSource, newId(), newId(), 30_000)).toBeUndefined();
  });

  it('of a step that is not yet due is not given', async () => {
    const id = await fresh();
    await house.settle(await house.claim(id), snooze(new Date(Date.now() + 60_000), 'waits'));
    await expect(house.claim(id)).rejects.toThrow('no step that can be claimed');
    await house.moveClock(61_000);
    expect((await house.claim(id)).attempt).toBe(2);
    await house.moveClock(0);
  });
});

describe('a settlement', () => {
  it('is written once, and never by who lost the lease', async () => {
    const id = await fresh();
    const zombie = await house.claim(id);
    await silence(zombie);
    expect(await takeOverLostSteps(house.dataSource, 10)).toEqual([{ words: `step "one" of run ${id} taken over after its worker fell silent`, taken: true }]);
    await expect(house.settle(zombie, writing('zombie'))).rejects.toThrow(StaleLease);
    const heir = await house.claim(id);
    await expect(house.settle(zombie, writing('zombie'))).rejects.toThrow(StaleLease);
    await house.settle(heir, writing('heir'));
    await expect(house.settle(heir, writing('heir'))).rejects.toThrow(StaleLease);
    expect([await effects('zombie'), await effects('heir')]).toEqual([0, 1]);
    expect(await steps(id)).toEqual(['one 1 lost', 'one 2 done', 'two 1 due']);
  });

  // apache/airflow#25843, #32289, #51969, #70526: who sweeps up after the dead races with the living, and with itself.
  it('and a take-over at the same instant: one of them happens', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await fresh();
      const claim = await house.claim(id);
      await silence(claim);
      const [settled] = await Promise.allSettled([house.settle(claim, writing(id)), takeOverLostSteps(house.dataSource, 10)]);
      expect(await effects(id)).toBe(settled.status === 'fulfilled' ? 1 : 0);
      expect((await steps(id)).slice(0, 2)).toEqual(settled.status === 'fulfilled' ? ['one 1 done', 'two 1 due'] : ['one 1 lost', 'one 2 due']);
    }
  });

  it('keeps texts that Postgres can not store as they are', async () => {
    const id = await fresh();
    const nasty = 'a\0b\ud800c';
    const clean = 'a\uFFFDb\uFFFDc';
    await house.settle(await house.claim(id), done({ output: { [nasty]: [nasty, 1, null, { deep: nasty }] }, counts: { [nasty]: 1 }, errors: [nasty] }));
    await house.settle(await house.claim(id), fail(new PermanentError(nasty)));
    const [run] = await listRuns(house.dataSource, { id });
    expect(run).toMatchObject({ status: 'failed', counts: { [clean]: 1 }, errors: [`one: ${clean}`, `two: ${clean}`] });
    expect(run?.steps[0]?.output).toEqual({ [clean]: [clean, 1, null, { deep: clean }] });
  });

  it('with too large an output is refused and says what to do', async () => {
    const id = await fresh();
    await expect(house.settle(await house.claim(id), done({ output: { text: 'x'.repeat(70_000) } }))).rejects.toThrow(/the output of step "one" is 7\d{4} bytes; at most 65536 are handed on. Keep the value with context\.keep/);
  });
});

describe('steps whose worker fell silent', () => {
  it('fail when that happens again and again', async () => {
    const id = await fresh();
    for (let lost = 0; lost < MAX_LOST_ATTEMPTS; lost += 1) {
      await silence(await house.claim(id));
      await takeOverLostSteps(house.dataSource, 10);
    }
    const [run] = await listRuns(house.dataSource, { id });
    expect(run).toMatchObject({ status: 'failed', errors: ['one: the worker of "one" died 20 times in it'] });
    expect(run?.steps.at(-1)).toMatchObject({ name: 'two', status: 'skipped' });
    expect(run?.steps[MAX_LOST_ATTEMPTS - 1]).toMatchObject({ attempt: MAX_LOST_ATTEMPTS, status: 'failed' });
  });

  it('are taken over also while one of them is being settled by a long write, and also beside a broken one', async () => {
    const [held, broken, free] = [await fresh(), await fresh(), await fresh()];
    for (const id of [held, broken, free]) await silence(await house.claim(id));
    await house.query(`UPDATE engine.active_run SET step = 'nonsense' WHERE run_id = $1`, [broken]);
    const holder = house.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM engine.active_run WHERE run_id = $1 FOR UPDATE', [held]);
    const lines = (await takeOverLostSteps(house.dataSource, 10)).map(({ words }) => words);
    await holder.rollbackTransaction();
    await holder.release();
    expect(lines.join('\n')).toContain(`of run ${free} taken over`);
    expect(lines.join('\n')).toContain(`of run ${broken} could not be taken over`);
    expect(lines.join('\n')).not.toContain(held);
    await house.query('DELETE FROM engine.active_run WHERE run_id = ANY($1)', [[held, broken]]);
  });
});

describe('the nudge of a waiting step', () => {
  it('is repeated when it got lost, then ever more seldom, but at least once a minute', async () => {
    await house.query('DELETE FROM engine.active_run');
    await fresh();
    const nudgedAt: number[] = [];
    for (let second = 0; second <= 300; second += 5) {
      await house.query('DELETE FROM engine.outbox');
      await house.moveClock(second * 1_000 + 500);
      if ((await renudgeWaitingSteps(house.dataSource, 5_000, 100)) > 0) nudgedAt.push(second);
    }
    await house.moveClock(0);
    const gaps = nudgedAt.slice(1).map((at, n) => at - (nudgedAt[n] ?? 0));
    expect(nudgedAt[0]).toBe(5);
    expect(nudgedAt.length).toBeLessThanOrEqual(12);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(65);
  });

  it('is not repeated while its message is still promised', async () => {
    await house.query('DELETE FROM engine.active_run');
    await fresh();
    await house.moveClock(60_000);
    expect(await renudgeWaitingSteps(house.dataSource, 5_000, 100)).toBe(0);
    await house.moveClock(0);
  });
});

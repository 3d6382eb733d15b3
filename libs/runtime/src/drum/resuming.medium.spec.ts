import { afterEach, describe, expect, it } from '@jest/globals';
import { done, fail, forEach, manual, PermanentError, pipeline, ResumeRefused, skip, step } from '@carillon/engine';
import type { Pipeline, Step } from '@carillon/engine';
import { managerOf, newId, summarizeItems, UnknownRun } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import { signal } from '@carillon/testing';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

const bell = (...steps: readonly Step<never>[]): Pipeline<never> => pipeline<never>('bell', { does: 'rings', trigger: manual() as never, steps });
const inWords = ({ steps }: RunHistory): string[] => steps.map((one) => `${one.name} ${one.attempt} ${one.status}${one.reason === null ? '' : `: ${one.reason}`}`);

/** What fails now; a spec takes names out of it, as a person mends what was broken. */
const broken = new Set<string>();
const tried: string[] = [];
const counting = (name: string) => async () => {
  tried.push(name);
  return broken.has(name) ? fail(new PermanentError(`${name} is broken`)) : done({ counts: { [name]: 1 }, output: { from: name } });
};

async function threeSteps(): Promise<Tower> {
  tried.length = 0;
  const fetch = step('fetch', { does: 'fetches', run: async ({ keep }) => (tried.push('fetch'), done({ counts: { fetch: 1 }, output: { pages: await keep('pages', ['a', 'b']) } })) });
  const idle = step('idle', { does: 'has nothing to do', run: async () => skip('nothing to do') });
  const match = step('match', { does: 'matches', needs: { fetch }, run: async ({ inputs, read }) => ((await read(inputs.fetch.pages)).length === 2 ? counting('match')() : fail(new PermanentError('pages are gone'))) });
  const notify = step('notify', { does: 'notifies', run: counting('notify') });
  return (house = await tower(bell(fetch, idle, match, notify)));
}
const run = async (params = {}): Promise<RunHistory> => (house as Tower).finished(((await house?.first.desk.request('bell', { params })) ?? { runId: '' }).runId);
const resume = async (runId: string, options = {}): Promise<RunHistory> => (house as Tower).finished(((await house?.first.desk.resume({ runId, ...options })) ?? { runId: '' }).runId);

describe('a run that failed', () => {
  it('is gone on with by a new run, which keeps what was done and hands it on', async () => {
    await threeSteps();
    broken.add('match');
    const failed = await run({ town: 'Bowling Green' });
    expect(failed.status).toBe('failed');
    broken.clear();
    const resumed = await resume(failed.id);
    expect(resumed).toMatchObject({ status: 'succeeded', trigger: 'resume', resumedFrom: failed.id, reason: `goes on with run ${failed.id} at "match"`, params: { town: 'Bowling Green' }, counts: { match: 1, notify: 1 } });
    expect(resumed.counts).not.toHaveProperty('fetch');
    expect(inWords(resumed)).toEqual([`fetch 1 done: kept from run ${failed.id}`, `idle 1 skipped: kept from run ${failed.id}: nothing to do`, 'match 1 done', 'notify 1 done']);
    expect(tried).toEqual(['fetch', 'match', 'match', 'notify']);
    const [plans] = (await house?.query<{ plans: number; params: number }>('SELECT count(DISTINCT plan_id)::int AS plans, count(DISTINCT params)::int AS params FROM engine.run')) ?? [];
    expect(plans).toEqual({ plans: 1, params: 1 });
    // The ended run is as it was.
    expect((await house?.runs())?.find(({ id }) => id === failed.id)).toEqual(failed);
  });

  it('may be done anew from a step of one’s choice, also when it succeeded, and again and again', async () => {
    await threeSteps();
    const first = await run();
    const second = await resume(first.id, { from: 'notify' });
    expect(inWords(second).at(-1)).toBe('notify 1 done');
    const third = await resume(second.id, { from: 'match' });
    expect(inWords(third)).toEqual([`fetch 1 done: kept from run ${first.id}`, expect.stringContaining('idle 1 skipped'), 'match 1 done', 'notify 1 done']);
    expect(tried).toEqual(['fetch', 'match', 'notify', 'notify', 'match', 'notify']);
  });

  it('is not gone on with while it runs, where nothing failed, or from a step that it does not have', async () => {
    const gate = signal('the gate');
    const slow = step('slow', { does: 'waits', run: async () => (await gate.wait(20_000), done()) });
    const { first, finished } = (house = await tower(bell(slow)));
    const { runId } = await first.desk.request('bell', {});
    await expect(first.desk.resume({ runId })).rejects.toThrow(`run ${runId} is not over yet (running)`);
    gate.resolve();
    await finished(runId);
    await expect(first.desk.resume({ runId })).rejects.toThrow('no step of it failed. Name the step to start from: slow');
    await expect(first.desk.resume({ runId, from: 'slwo' })).rejects.toThrow('did you mean "slow"?');
    await expect(first.desk.resume({ runId }, 'chime')).rejects.toThrow(`run ${runId} is one of "bell", not of "chime"`);
    await expect(first.desk.resume({ runId: newId() })).rejects.toThrow(UnknownRun);
    await expect(first.desk.resume({ runId })).rejects.toThrow(ResumeRefused);
  });
});

describe('a run whose items failed', () => {
  const each = (): Step<never> =>
    forEach('each', {
      does: 'does each',
      items: () => ['a', 'b', 'c', 'd'],
      key: (item) => item,
      run: async (item) => {
        tried.push(item);
        if (broken.has(item)) return fail(new PermanentError(`${item} is broken`));
        return done({ counts: { effects: 1 }, write: async (transaction) => void (await managerOf(transaction).query('INSERT INTO public.effect VALUES ($1)', [item])) });
      },
    });
  const effects = async (): Promise<string> => ((await house?.query<{ item: string }>('SELECT item FROM public.effect ORDER BY item')) ?? []).map(({ item }) => item).join('');

  it('is gone on with at those that failed; named, the step does all of them anew unless told otherwise', async () => {
    house = await tower(bell(each()));
    await house.query('CREATE TABLE public.effect (item text NOT NULL)');
    for (const item of ['b', 'd']) broken.add(item);
    const partial = await run();
    expect(partial).toMatchObject({ status: 'partial', counts: { itemsDone: 2, itemsFailed: 2, effects: 2 } });
    broken.delete('b');
    tried.length = 0;
    const second = await resume(partial.id);
    expect(second).toMatchObject({ status: 'partial', counts: { itemsDone: 1, itemsFailed: 1, itemsKept: 2, effects: 1 }, errors: ['each: d: d is broken'] });
    expect([tried.sort().join(''), await effects()]).toEqual(['bd', 'abc']);
    expect(await summarizeItems(house.first.dataSource, second.id)).toEqual([{ step: 'each', done: 1, failed: 1, skipped: 0, waiting: 0, kept: 2 }]);
    broken.clear();
    tried.length = 0;
    expect(await resume(second.id, { from: 'each', keepItems: true })).toMatchObject({ status: 'succeeded', counts: { itemsDone: 1, itemsKept: 3 } });
    expect([tried.join(''), await effects()]).toEqual(['d', 'abcd']);
    expect(await resume(second.id, { from: 'each' })).toMatchObject({ status: 'succeeded', counts: { itemsDone: 4 } });
    expect(await effects()).toBe('aabbccdd');
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { done, fail, manual, PermanentError, pipeline, retry, skip, step } from '@carillon/engine';
import type { Pipeline, Step, StepOutcome } from '@carillon/engine';
import { managerOf } from '@carillon/persistence';
import { signal } from '@carillon/testing';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

const ring = async (...steps: Step<never>[]): Promise<Tower> => (house = await tower(bell(...steps)));
const bell = (...steps: Step<never>[]): Pipeline<never> => pipeline<never>('bell', { does: 'rings', trigger: manual() as never, steps });
const quick = { maxAttempts: 3, baseMs: 1, capMs: 1, jitter: 0 };
const doing = (name: string, run: () => Promise<StepOutcome> | StepOutcome, options: object = {}): Step<never> => step<never>(name, { does: name, run: async () => run(), retry: quick, ...options });

describe('a run', () => {
  it('does its steps in order, hands outputs on, and sums their counts', async () => {
    const seen: unknown[] = [];
    const collect = step('collect', { does: 'collects', run: async () => done({ counts: { items: 3 }, output: { ids: ['a', 'b'] } }) });
    const use = step('use', { does: 'uses', needs: { collect }, run: async ({ inputs }) => (seen.push(inputs.collect), done({ counts: { items: 1, used: 2 } })) });
    const { first, finished } = await ring(collect, use);
    const { runId, status } = await first.desk.request('bell', {});
    expect(status).toBe('running');
    const run = await finished(runId);
    expect(run).toMatchObject({ status: 'succeeded', trigger: 'manual', counts: { items: 4, used: 2 }, errors: [] });
    expect(run.steps.map((one) => [one.name, one.status])).toEqual([['collect', 'done'], ['use', 'done']]);
    expect(run.steps[1]?.input).toMatchObject({ outputs: { collect: { ids: ['a', 'b'] } } });
    expect(seen).toEqual([{ ids: ['a', 'b'] }]);
  });

  it('of many that are asked for at once has its own answer, in order, and one whose key is known is the run made before', async () => {
    const { first, finished } = await ring(doing('only', () => done()));
    const before = await first.desk.request('bell', { scope: 'b', dedupeKey: 'monday' });
    await finished(before.runId);
    const { runs } = await first.desk.requestMany('bell', [{ scope: 'a' }, { scope: 'b', dedupeKey: 'monday' }, { scope: 'c' }, { scope: 'd', dedupeKey: 'tuesday' }]);
    expect(runs.map(({ runId }) => runId === before.runId)).toEqual([false, true, false, false]);
    expect(runs[1]?.status).toBe('succeeded');
    expect((await Promise.all(runs.map(({ runId }) => finished(runId)))).map(({ scope, status }) => [scope, status])).toEqual(['a', 'b', 'c', 'd'].map((scope) => [scope, 'succeeded']));
  });

  it("commits a step's write together with its record, and neither when the write fails", async () => {
    const write = (text: string, broken: boolean) => async (): Promise<StepOutcome> =>
      done({
        write: async (transaction) => {
          await managerOf(transaction).query(`CREATE TABLE IF NOT EXISTS public.written (text text)`);
          await managerOf(transaction).query('INSERT INTO public.written VALUES ($1)', [text]);
          if (broken) throw new PermanentError('the disk is made of cheese');
        },
      });
    const { first, finished } = await ring(doing('good', write('good', false)), doing('bad', write('bad', true), { onFailure: 'continue' }));
    const run = await finished((await first.desk.request('bell', {})).runId);
    expect(run.status).toBe('partial');
    expect(run.errors).toEqual(['bad: the disk is made of cheese']);
    expect(await first.dataSource.query('SELECT text FROM public.written')).toEqual([{ text: 'good' }]);
  });

  it('tries a failing step again with backoff, and never a permanent error', async () => {
    let transient = 0;
    let permanent = 0;
    const { first, finished } = await ring(
      doing('flaky', () => (++transient < 3 ? fail(new Error('busy')) : done())),
      doing('hopeless', () => (permanent++, fail(new PermanentError('no such board'))), { onFailure: 'continue' }),
    );
    const run = await finished((await first.desk.request('bell', {})).runId);
    expect([transient, permanent]).toEqual([3, 1]);
    expect(run.steps.map((one) => `${one.name} ${one.attempt} ${one.status}`)).toEqual(['flaky 1 retried', 'flaky 2 retried', 'flaky 3 done', 'hopeless 1 failed']);
  });

  it('ends at a failed step that stops it, and skips what needs a failed one otherwise', async () => {
    const cluster = doing('cluster', () => fail(new PermanentError('no')), { onFailure: 'skipDependents' });
    const { first, finished } = await ring(
      cluster,
      doing('summarize', () => done(), { needs: [cluster] }),
      doing('tidy', () => done({ counts: { tidied: 1 } })),
      doing('last', () => fail(new PermanentError('never')), { onFailure: 'stop' }),
      doing('unreached', () => done()),
    );
    const run = await finished((await first.desk.request('bell', {})).runId);
    expect(run.status).toBe('failed');
    expect(run.steps.map((one) => `${one.name} ${one.status}`)).toEqual(['cluster failed', 'summarize skipped', 'tidy done', 'last failed', 'unreached skipped']);
    expect(run.counts).toEqual({ tidied: 1 });
  });

  it('keeps going when a step skips itself or has to try once more', async () => {
    let tries = 0;
    const { first, finished } = await ring(doing('optional', () => skip('nothing to do')), doing('again', () => (++tries === 1 ? retry(1, 'not yet') : done())));
    const run = await finished((await first.desk.request('bell', {})).runId);
    expect(run.status).toBe('succeeded');
    expect(run.steps.map((one) => [one.status, one.reason])).toEqual([['skipped', 'nothing to do'], ['retried', 'not yet'], ['done', null]]);
  });

  it('with item errors is partial, and says which', async () => {
    const { first, finished } = await ring(doing('items', () => done({ counts: { ok: 8 }, errors: ['item 3: empty', 'item 7: empty'] })));
    expect(await finished((await first.desk.request('bell', {})).runId)).toMatchObject({ status: 'partial', counts: { ok: 8 }, errors: ['items: item 3: empty', 'items: item 7: empty'] });
  });

  it('asked for while one is active is recorded as skipped, not lost', async () => {
    const gate = signal('the gate');
    const { first, finished, runs } = await ring(doing('wait', async () => (await gate.wait(20_000), done())));
    const { runId } = await first.desk.request('bell', {});
    const second = await first.desk.request('bell', {});
    expect(second).toMatchObject({ status: 'skipped', reason: `skipped: run ${runId} is running` });
    gate.resolve();
    await finished(runId);
    expect((await runs()).map((run) => run.status).sort()).toEqual(['skipped', 'succeeded']);
  });

  it('asked for twice with one dedupe key is one run', async () => {
    const { first, finished } = await ring(doing('once', () => done()));
    const { runId } = await first.desk.request('bell', { dedupeKey: 'monday' });
    await finished(runId);
    expect(await first.desk.request('bell', { dedupeKey: 'monday' })).toMatchObject({ runId, status: 'succeeded' });
  });

  it('that is cancelled tells its step, which ends it', async () => {
    const begun = signal('the step to begin');
    const { first, finished } = await ring(
      step<never>('long', {
        does: 'waits for its signal',
        run: ({ signal: stop }) =>
          new Promise((_resolve, reject) => {
            begun.resolve();
            stop.addEventListener('abort', () => reject(stop.reason as Error));
          }),
      }),
      doing('after', () => done()),
    );
    const { runId } = await first.desk.request('bell', {});
    await begun.wait();
    expect(await first.desk.cancel('bell', { reason: 'enough' })).toEqual({ cancelled: [runId] });
    const run = await finished(runId);
    expect(run.status).toBe('cancelled');
    expect(run.steps.map((one) => `${one.name} ${one.status}`)).toEqual(['long cancelled', 'after skipped']);
  });
});

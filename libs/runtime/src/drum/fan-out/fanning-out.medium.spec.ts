import { afterEach, describe, expect, it } from '@jest/globals';
import { done, fail, forEach, manual, PermanentError, pipeline, retry, skip, step } from '@carillon/engine';
import type { ForEachOptions, Pipeline, Step, StepOutcome } from '@carillon/engine';
import { managerOf } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import { eventually, signal } from '@carillon/testing';
import { tower } from '../../../spec/tower.js';
import type { Tower } from '../../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

const quick = { maxAttempts: 3, baseMs: 1, capMs: 1, jitter: 0 };
const numbers = (count: number): string[] => Array.from({ length: count }, (_none, place) => `n${String(place).padStart(5, '0')}`);
type Each = Partial<ForEachOptions<never, string>>;
const each = (options: Each): Step<never> => forEach<never, 'each', string, StepOutcome>('each', { does: 'does each', items: () => numbers(10), key: (item) => item, run: async () => done(), retry: quick, stepRetry: quick, ...options });
const bell = (...steps: Step<never>[]): Pipeline<never> => pipeline<never>('bell', { does: 'rings', trigger: manual() as never, steps });
/** A write that leaves a row behind for each time that it commits. */
const effect = (item: string) => async (transaction: Parameters<typeof managerOf>[0]): Promise<void> => void (await managerOf(transaction).query('INSERT INTO public.effect VALUES ($1)', [item]));
const effects = async (): Promise<string[]> => ((await house?.query<{ item: string }>('SELECT item FROM public.effect ORDER BY item')) ?? []).map(({ item }) => item);

async function ring(...steps: Step<never>[]): Promise<Tower> {
  house = await tower(bell(...steps));
  await house.query('CREATE TABLE public.effect (item text NOT NULL)');
  return house;
}
const rung = async (...steps: Step<never>[]): Promise<RunHistory> => {
  const { first, finished } = await ring(...steps);
  return finished((await first.desk.request('bell', {})).runId);
};
const attempts = (run: RunHistory): string[] => run.steps.map((one) => `${one.name} ${one.attempt} ${one.status}`);

describe('a step over items', () => {
  it('does each of them once, as many at a time as it may, and then the next step begins', async () => {
    let inWork = 0;
    let most = 0;
    const run = await rung(
      each({
        items: () => numbers(300),
        concurrency: 7,
        run: async (item) => {
          most = Math.max(most, (inWork += 1));
          await new Promise((resolve) => setImmediate(resolve));
          inWork -= 1;
          return done({ counts: { words: 2 }, write: effect(item) });
        },
      }),
      step<never>('after', { does: 'comes after', run: async () => done({ counts: { itemsBefore: (await effects()).length } }) }),
    );
    expect(run).toMatchObject({ status: 'succeeded', counts: { itemsDone: 300, itemsFailed: 0, itemsSkipped: 0, words: 600, itemsBefore: 300 }, errors: [] });
    expect(await effects()).toEqual(numbers(300));
    expect(most).toBe(7);
  });

  it('says what became of each: one failure is nobody else’s, and the run is partial', async () => {
    const tries: Record<string, number[]> = {};
    const run = await rung(
      each({
        run: async (item, { attempt }) => {
          (tries[item] ??= []).push(attempt);
          if (item === 'n00001') return skip('seen before');
          if (item === 'n00002') throw new PermanentError('gone');
          if (item === 'n00003' && attempt < 3) return fail(new Error('busy'));
          if (item === 'n00004') return retry(1, 'never ready');
          if (item === 'n00005') return done({ errors: ['no title'] });
          return done({ write: effect(item) });
        },
      }),
    );
    expect(run).toMatchObject({ status: 'partial', counts: { itemsDone: 7, itemsFailed: 2, itemsSkipped: 1 }, errors: ['each: n00002: gone', 'each: n00004: never ready', 'each: n00005: no title'] });
    expect(attempts(run)).toEqual(['each 1 done']);
    expect([tries['n00002'], tries['n00003'], tries['n00004']]).toEqual([[1], [1, 2, 3], [1, 2, 3]]);
    expect(await effects()).toEqual(numbers(10).filter((item) => !['n00001', 'n00002', 'n00004', 'n00005'].includes(item)));
  });

  it('commits an item’s write with its record, and a write that fails takes nothing else with it', async () => {
    const run = await rung(
      each({
        concurrency: 10,
        run: async (item) =>
          done({
            write: async (transaction) => {
              await effect(item)(transaction);
              if (item === 'n00007') throw new PermanentError('the disk is made of cheese');
            },
          }),
      }),
    );
    expect(run).toMatchObject({ status: 'partial', counts: { itemsDone: 9, itemsFailed: 1 }, errors: ['each: n00007: the disk is made of cheese'] });
    expect(await effects()).toEqual(numbers(10).filter((item) => item !== 'n00007'));
  });

  it('can fail as a whole when its author says so, after every item had its turn', async () => {
    const run = await rung(each({ onItemFailure: 'fail', run: async (item) => (item === 'n00000' ? fail(new PermanentError('gone')) : done({ write: effect(item) })) }));
    expect(run).toMatchObject({ status: 'failed', counts: { itemsDone: 9, itemsFailed: 1 }, errors: ['each: 1 of 10 items failed: n00000: gone'] });
    expect(await effects()).toEqual(numbers(10).slice(1));
  });

  it('gathers at the end what its items left, however large, and hands on a reference', async () => {
    let read: unknown;
    const squaring = forEach('squaring', {
      does: 'squares each',
      items: () => numbers(1_200),
      key: (item) => item,
      run: async (item) => done({ output: { square: Number(item.slice(1)) ** 2 } }),
      then: async ({ outputs, done: count }, context) => {
        const squares: number[] = [];
        for await (const { output } of outputs()) squares.push(Number(output['square']));
        return done({ output: { count, squares: await context.keep('squares', squares), padding: await context.keep('padding', new Uint8Array([1, 2, 255])) } });
      },
    });
    const use = step('use', {
      does: 'uses what was kept',
      needs: { squaring },
      run: async ({ inputs, read: kept }) => {
        read = [(await kept(inputs.squaring.squares)).reduce((sum, one) => sum + one, 0), await kept(inputs.squaring.padding)];
        return done();
      },
    });
    const run = await rung(squaring, use);
    expect(run).toMatchObject({ status: 'succeeded', counts: { itemsDone: 1_200 } });
    expect(run.steps[0]?.output).toMatchObject({ count: 1_200, squares: { $ref: 'squaring/squares' } });
    expect(read).toEqual([numbers(1_200).reduce((sum, _item, place) => sum + place ** 2, 0), new Uint8Array([1, 2, 255])]);
  });

  it('leaves out items of a key that came before, and refuses what is no key', async () => {
    const twice = await rung(each({ items: () => ['a', 'b', 'a'], run: async (item) => done({ write: effect(item) }) }));
    expect(twice).toMatchObject({ status: 'succeeded', counts: { itemsDone: 2, itemsRepeated: 1 } });
    expect(await effects()).toEqual(['a', 'b']);
    await house?.close();
    expect(await rung(each({ items: () => ['a', ''] }))).toMatchObject({ status: 'failed', errors: ['each: item 2 of step "each" has the key "": a key is a text of 1 to 500 whole characters'] });
  });

  it('reads a long list no faster than it works, and shows how far it is', async () => {
    const half = signal('the middle');
    const goOn = signal('leave to go on');
    let given = 0;
    let ahead = 0;
    async function* endless(): AsyncGenerator<string> {
      for (const item of numbers(5_000)) {
        given += 1;
        yield item;
      }
    }
    let worked = 0;
    const { first, finished, runs } = await ring(
      each({
        items: endless,
        run: async () => {
          ahead = Math.max(ahead, given - (worked += 1));
          if (worked === 2_500) {
            half.resolve();
            await goOn.wait(20_000);
          }
          return done();
        },
      }),
    );
    const { runId } = await first.desk.request('bell', {});
    await half.wait(20_000);
    const live = await eventually(async () => (await runs())[0]?.steps[0]?.progress, { what: 'progress to be shown' });
    expect(live.done).toBeGreaterThan(0);
    expect(live.total).toBeLessThan(5_000);
    goOn.resolve();
    expect(await finished(runId)).toMatchObject({ status: 'succeeded', counts: { itemsDone: 5_000 } });
    expect(ahead).toBeLessThanOrEqual(200);
  });
});

describe('a step over items that is cut short', () => {
  it('by a cancel begins no further item, keeps what is done, and ends what it has in hand', async () => {
    const fifth = signal('the fifth item');
    const stopped: string[] = [];
    const begun: string[] = [];
    const { first, finished } = await ring(
      each({
        items: () => numbers(1_000),
        concurrency: 2,
        run: (item, context) => {
          begun.push(item);
          if (begun.length < 5) return Promise.resolve(done({ write: effect(item) }));
          fifth.resolve();
          return untilStopped(context, () => stopped.push(item));
        },
      }),
    );
    const { runId } = await first.desk.request('bell', {});
    await fifth.wait(20_000);
    await first.desk.cancel('bell', { runId });
    const run = await finished(runId);
    expect(run).toMatchObject({ status: 'cancelled', counts: { itemsDone: 4, itemsFailed: 0 } });
    expect(await effects()).toEqual(numbers(4));
    expect(stopped.length).toBeGreaterThan(0);
    expect(begun.length).toBe(4 + stopped.length);
  });

  it('by its time goes on with what is left when it is tried again', async () => {
    let slow = true;
    const run = await rung(
      each({
        items: () => numbers(20),
        timeout: 1_500,
        run: (item, context) => {
          if (item !== 'n00004' || !slow) return Promise.resolve(done({ write: effect(item) }));
          slow = false;
          return untilStopped(context);
        },
        concurrency: 1,
      }),
    );
    expect(run).toMatchObject({ status: 'succeeded', counts: { itemsDone: 20 } });
    expect(attempts(run)).toEqual(['each 1 retried', 'each 2 done']);
    expect(await effects()).toEqual(numbers(20));
  });

  it('lets an item that takes too long fail, tells it, and goes on with the others', async () => {
    const told: string[] = [];
    const run = await rung(
      each({ itemTimeout: 50, retry: { ...quick, maxAttempts: 2 }, run: (item, context) => (item === 'n00003' ? untilStopped(context, () => told.push(item)) : Promise.resolve(done({ write: effect(item) }))) }),
    );
    expect(run).toMatchObject({ status: 'partial', counts: { itemsDone: 9, itemsFailed: 1 }, errors: ['each: n00003: did not finish within 50 ms'] });
    expect(told).toEqual(['n00003', 'n00003']);
  });

  it('gives its place to others while all that is left has to wait for long', async () => {
    let tries = 0;
    const waits = (item: string): StepOutcome => (item === 'n00002' && (tries += 1) === 1 ? retry(60_000, 'come back in a minute') : done({ write: effect(item) }));
    const { first, finished, runs, moveClock } = await ring(each({ items: () => numbers(5), run: async (item) => waits(item) }));
    const { runId } = await first.desk.request('bell', {});
    await eventually(async () => (await runs())[0]?.steps.some((one) => one.status === 'snoozed'), { what: 'the step to snooze' });
    expect(await effects()).toEqual(numbers(5).filter((item) => item !== 'n00002'));
    await moveClock(61_000);
    await first.rescue.runOnce();
    const run = await finished(runId);
    expect(run).toMatchObject({ status: 'succeeded', counts: { itemsDone: 5 } });
    expect(run.steps.map((one) => one.reason)).toEqual(['1 items wait for another try', null]);
    expect(await effects()).toEqual(numbers(5));
  });

  it('by a list that breaks off keeps what is done and reads it again', async () => {
    let reads = 0;
    async function* brittle(): AsyncGenerator<string> {
      reads += 1;
      for (const item of numbers(500)) {
        if (reads === 1 && item === 'n00250') throw new Error('the cursor is gone');
        yield item;
      }
    }
    const run = await rung(each({ items: brittle, run: async (item) => done({ write: effect(item) }) }));
    expect(run).toMatchObject({ status: 'succeeded', counts: { itemsDone: 500 } });
    expect(attempts(run)).toEqual(['each 1 retried', 'each 2 done']);
    expect(run.steps[0]?.reason).toBe('the cursor is gone');
    expect(await effects()).toEqual(numbers(500));
  });
});

/** Works until it is told to stop, as a well-behaved item does. */
function untilStopped(context: { signal: AbortSignal }, heard: () => void = () => undefined): Promise<StepOutcome> {
  return new Promise((_resolve, reject) => {
    context.signal.addEventListener('abort', () => {
      heard();
      reject(context.signal.reason as Error);
    });
  });
}

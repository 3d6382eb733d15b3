import { describe, expect, it } from '@jest/globals';
import { done, fail, judgeRecorded, PermanentError, skip, step, TransientError } from './index.js';
import type { AttemptContext, JsonObject, Retryable, Step, StepOutcome } from './index.js';

const warned: string[] = [];
const unused = (): Promise<never> => Promise.reject(new Error('this context has no tools'));
const context = (outputs: Record<string, JsonObject> = {}): AttemptContext<unknown> => ({
  ...{ run: { id: 'r', pipeline: 'bell', scope: '', trigger: 'manual', params: {} }, step: 's', attempt: 1, now: new Date(0), services: undefined, outputs },
  ...{ signal: new AbortController().signal, progress: () => undefined, log: { info: () => undefined, warn: (_facts, message) => warned.push(message) }, keep: unused, read: unused, fanOut: unused },
});
const collect = step('collect', { does: 'collects', run: async () => done({ output: { ids: ['a', 'b'] } }) });

describe('what a step is handed', () => {
  it('is what the steps that it named left, under the names that it gave them', async () => {
    const use = step('use', { does: 'uses', needs: { collect }, inputs: { fallback: collect }, run: async ({ inputs }) => done({ output: { first: inputs.collect.ids[0] ?? '', more: inputs.fallback?.ids.length ?? 0 } }) });
    expect(await use.run(context({ collect: { ids: ['a', 'b'] }, other: { secret: 1 } }))).toMatchObject({ output: { first: 'a', more: 2 } });
  });

  it('is undefined where the step was skipped or failed', async () => {
    const use = step('use', { does: 'uses', inputs: { collect }, run: async ({ inputs }) => done({ output: { known: inputs.collect !== undefined } }) });
    expect(await use.run(context())).toMatchObject({ output: { known: false } });
  });
});

describe('a step with a condition', () => {
  const when = (verdict: () => true | string | Promise<true | string>): Promise<StepOutcome> => step('s', { does: 's', when: verdict, run: async () => done({ counts: { ran: 1 } }) }).run(context());

  it('runs when it holds, and is skipped with the reason when not', async () => {
    expect(await when(() => true)).toEqual(done({ counts: { ran: 1 } }));
    expect(await when(async () => 'it is Sunday')).toEqual(skip('it is Sunday'));
    expect(await when(() => '')).toEqual(skip('its condition does not hold'));
  });

  it('that can not be evaluated has failed, and is tried again', async () => {
    expect(await when(async () => Promise.reject(new Error('no database')))).toMatchObject({ kind: 'fail', error: { message: 'no database', permanent: false } });
  });
});

class RateLimited extends Error {
  override readonly name = 'RateLimited';
}
class SlowDown extends RateLimited {}
class Refused extends PermanentError {}
/** The same class from another copy of its library. */
const twin = new (class RateLimited extends Error {})('from elsewhere');

describe('whether an error is worth another attempt', () => {
  const permanent = async (retryable: Retryable | undefined, thrown: unknown, how: 'throws' | 'answers' = 'throws'): Promise<boolean> => {
    const run = async (): Promise<StepOutcome> => (how === 'throws' ? Promise.reject(thrown) : fail(thrown));
    const outcome = await step('s', { does: 's', retry: retryable === undefined ? {} : { retryable }, run }).run(context());
    return outcome.kind === 'fail' ? outcome.error.permanent : Promise.reject(new Error(outcome.kind));
  };

  it.each<[string, Retryable | undefined, unknown, boolean]>([
    ['anything, when the step says nothing', undefined, new Error('?'), false],
    ['never a permanent one', [Refused], new Refused('no'), true],
    ['always a transient one', [], new TransientError('busy'), false],
    ['a class of the list', [RateLimited], new RateLimited('wait'), false],
    ['a subclass of it', [RateLimited], new SlowDown('wait'), false],
    ['the same class of another copy', [RateLimited], twin, false],
    ['a name of the list', ['AbortError', 'RateLimited'], new SlowDown('wait'), false],
    ['no other one', [RateLimited, 'AbortError'], new TypeError('a bug'), true],
    ['what is no error at all', [RateLimited], 'a string', true],
    ['what the function says', (error) => (error as { status?: number }).status === 503, Object.assign(new Error('x'), { status: 503 }), false],
    ['and not what it denies', (error) => (error as { status?: number }).status === 503, new Error('x'), true],
  ])('%s', async (_name, retryable, thrown, expected) => {
    expect(await permanent(retryable, thrown)).toBe(expected);
    expect(await permanent(retryable, thrown, 'answers')).toBe(expected);
  });

  it('a function that fails itself names both errors', async () => {
    const broken = step('s', { does: 's', retry: { retryable: () => { throw new TypeError('undefined is not an object'); } }, run: async () => Promise.reject(new Error('the real one')) });
    expect(await broken.run(context())).toMatchObject({ error: { message: 'retryable threw "undefined is not an object" when it was asked about: the real one', permanent: true } });
  });

  it('is told by the recorded name when the error comes from another process, and is plain JSON in the plan', () => {
    const { plan }: Step<unknown> = step('s', { does: 's', retry: { retryable: [RateLimited, 'ETIMEDOUT'] }, run: async () => done() });
    expect(JSON.parse(JSON.stringify(plan))).toMatchObject({ retryable: ['RateLimited', 'ETIMEDOUT'] });
    const recorded = (name: string, permanent = false) => judgeRecorded(plan.retryable, { name, message: '', permanent });
    expect([recorded('RateLimited'), recorded('TransientError'), recorded('ValueError'), recorded('RateLimited', true)].map((one) => one.permanent)).toEqual([false, false, true, true]);
    expect(judgeRecorded(undefined, { name: 'ValueError', message: '', permanent: false }).permanent).toBe(false);
  });
});

it('what is thrown is logged with its stack, except by a step that was told to stop', async () => {
  warned.length = 0;
  const thrower = step('s', { does: 's', run: async () => Promise.reject(new Error('boom')) });
  await thrower.run(context());
  await thrower.run({ ...context(), signal: AbortSignal.abort() });
  expect(warned).toEqual(['the step threw']);
});

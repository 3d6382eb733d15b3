/** What an author says about a step holds in a real house: conditions, what is handed on, and which errors are worth another attempt. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { done, manual, pipeline, skip, step } from '@carillon/engine';
import type { Step } from '@carillon/engine';
import type { RunHistory } from '@carillon/persistence';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

const quick = { maxAttempts: 3, baseMs: 1, capMs: 1, jitter: 0 };
async function rung(...steps: Step<never>[]): Promise<RunHistory> {
  house = await tower(pipeline<never>('bell', { does: 'rings', trigger: manual() as never, steps }));
  return house.finished((await house.first.desk.request('bell', {})).runId);
}
const told = (run: RunHistory): string[] => run.steps.map((one) => `${one.name} ${one.attempt} ${one.status}${one.reason ? `: ${one.reason}` : ''}`);

class Busy extends Error {}
class VeryBusy extends Busy {}

describe('in a real house', () => {
  it('a step is skipped with the reason that its condition gives, and who is handed its output with it', async () => {
    const collect = step('collect', { does: 'collects', run: async () => done({ output: { ids: ['a'] } }) });
    const few = step('few', { does: 'wants more', needs: { collect }, when: async ({ inputs }) => inputs.collect.ids.length > 1 || `only ${inputs.collect.ids.length}`, run: async () => done({ output: { never: true } }) });
    const after = step('after', { does: 'wants that', needs: { few }, run: async () => done() });
    const beside = step('beside', { does: 'can do without', inputs: { few }, needs: [few], when: () => true, run: async ({ inputs }) => done({ output: { had: inputs.few !== undefined } }) });
    const run = await rung(collect, few, after, beside);
    expect(told(run)).toEqual(['collect 1 done', 'few 1 skipped: only 1', 'after 1 skipped: needs the output of "few", which was skipped', 'beside 1 done']);
    expect(run.steps[3]?.output).toEqual({ had: false });
    expect(run.status).toBe('succeeded');
  });

  it('a condition that fails is tried again like the step itself', async () => {
    let asked = 0;
    const run = await rung(step('flaky', { does: 'asks', retry: quick, when: () => { if ((asked += 1) < 3) throw new Error('no answer'); return true; }, run: async () => done() }));
    expect(run.steps.map((one) => one.status)).toEqual(['retried', 'retried', 'done']);
  });

  it('only errors of the named classes are tried again, also those of the last write', async () => {
    const errors = [new VeryBusy('wait'), new Busy('wait'), new TypeError('a bug')];
    const throws = step('throws', { does: 'throws', retry: { ...quick, maxAttempts: 5, retryable: [Busy] }, onFailure: 'continue', run: async () => Promise.reject(errors.shift() ?? new Error('?')) });
    const writes = step('writes', { does: 'writes', retry: { ...quick, retryable: [Busy] }, onFailure: 'continue', run: async () => done({ write: async () => Promise.reject(new RangeError('too long')) }) });
    const rests = step('rests', { does: 'rests', run: async () => skip('enough') });
    const run = await rung(throws, writes, rests);
    expect(run.steps.map((one) => `${one.name} ${one.attempt} ${one.status} ${one.error?.message ?? ''}`.trim())).toEqual(['throws 1 retried wait', 'throws 2 retried wait', 'throws 3 failed a bug', 'writes 1 failed too long', 'rests 1 skipped']);
    expect(run).toMatchObject({ status: 'failed', errors: ['throws: a bug', 'writes: too long'] });
  });
});

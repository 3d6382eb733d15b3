import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterLostAttempt, afterStep, done, fail, MAX_LOST_ATTEMPTS, PermanentError, retry, skip, snooze, step } from './index.js';
import type { AfterStep, Attempt, OnFailure, RunProgress, StepEnd, StepOutcome, StepPlan } from './index.js';

const now = new Date('2026-01-05T12:00:00Z');
const plan = (name: string, more: Partial<StepPlan> = {}): StepPlan => ({ ...step(name, { does: name, run: async () => done(), retry: { maxAttempts: 3, baseMs: 1_000, capMs: 10_000, jitter: 0 } }).plan, ...more });
const run = (plans: RunProgress['plan'], more: Partial<RunProgress> = {}): RunProgress => ({ plan: plans, ended: new Map(), itemErrors: 0, cancelRequested: false, ...more });
const first = (name: string): Attempt => ({ step: name, tried: 1, lost: 0 });
const ended = (...ends: [string, StepEnd][]): RunProgress['ended'] => new Map(ends);

/** The decision in a few words. */
function said(next: AfterStep): string {
  const skipped = next.kind !== 'again' && next.skipped.length > 0 ? `, skips ${next.skipped.map((one) => one.name).join(' ')}` : '';
  if (next.kind === 'again') return `again in ${next.dueAt.getTime() - now.getTime()} ms`;
  return `${next.end}, ${next.kind === 'step' ? `then ${next.next.name}` : `run ${next.status}`}${skipped}`;
}

const two = (onFailure: OnFailure): RunProgress['plan'] => [plan('one', { onFailure }), plan('two')];
const transient = fail(new Error('busy'));
const permanent = fail(new PermanentError('no such board'));
const cancelled: StepOutcome = { kind: 'cancelled', reason: 'the run was cancelled' };

describe('after a step', () => {
  it.each<[string, OnFailure, StepOutcome, number, string]>([
    ['done', 'stop', done(), 1, 'done, then two'],
    ['skip', 'stop', skip('nothing'), 1, 'skipped, then two'],
    ['retry', 'stop', retry(5_000, 'later'), 1, 'again in 5000 ms'],
    ['retry at the last attempt', 'stop', retry(5_000, 'later'), 3, 'failed, run failed, skips two'],
    ['retry at the last attempt, going on', 'continue', retry(5_000, 'later'), 3, 'failed, then two'],
    ['snooze', 'stop', snooze(new Date(now.getTime() + 60_000), 'waits'), 1, 'again in 60000 ms'],
    ['snooze, however many attempts', 'stop', snooze(new Date(now.getTime() + 60_000), 'waits'), 300, 'again in 60000 ms'],
    ['snooze until a time that is over', 'stop', snooze(new Date(0), 'released'), 1, 'again in 0 ms'],
    ['a transient failure', 'stop', transient, 1, 'again in 1000 ms'],
    ['a second one', 'stop', transient, 2, 'again in 2000 ms'],
    ['the last one, stop', 'stop', transient, 3, 'failed, run failed, skips two'],
    ['the last one, continue', 'continue', transient, 3, 'failed, then two'],
    ['the last one, skipDependents without any', 'skipDependents', transient, 3, 'failed, then two'],
    ['a permanent failure, stop', 'stop', permanent, 1, 'failed, run failed, skips two'],
    ['a permanent failure, continue', 'continue', permanent, 1, 'failed, then two'],
    ['cancelled', 'continue', cancelled, 1, 'cancelled, run cancelled, skips two'],
  ])('%s (%s)', (_name, onFailure, outcome, tried, expected) => {
    expect(said(afterStep(run(two(onFailure)), { step: 'one', tried, lost: 0 }, outcome, now, 0))).toBe(expected);
  });

  it.each<[string, StepOutcome, string]>([
    ['done', done(), 'done, run cancelled, skips two'],
    ['skip', skip('nothing'), 'skipped, run cancelled, skips two'],
    ['retry', retry(1, 'later'), 'cancelled, run cancelled, skips two'],
    ['snooze', snooze(now, 'waits'), 'cancelled, run cancelled, skips two'],
    ['fail', transient, 'cancelled, run cancelled, skips two'],
    ['fail for good', permanent, 'cancelled, run cancelled, skips two'],
    ['cancelled', cancelled, 'cancelled, run cancelled, skips two'],
  ])('of a run that is to be cancelled: %s', (_name, outcome, expected) => {
    expect(said(afterStep(run(two('continue'), { cancelRequested: true }), first('one'), outcome, now, 0))).toBe(expected);
  });

  it('keeps why it failed', () => {
    expect(afterStep(run(two('stop')), { step: 'one', tried: 3, lost: 0 }, retry(1, 'still empty'), now, 0)).toMatchObject({ error: { name: 'RetriesExhausted', message: 'still empty', permanent: true } });
    expect(afterStep(run(two('stop')), first('one'), permanent, now, 0)).toMatchObject({ error: { name: 'PermanentError', message: 'no such board', permanent: true } });
  });

  it('does not know a step of another list', () => {
    expect(() => afterStep(run(two('stop')), first('three'), done(), now, 0)).toThrow(`step "three" is not in this run's list (one, two)`);
  });
});

describe('steps that need others', () => {
  const chain = [plan('cluster', { onFailure: 'skipDependents' }), plan('summarize', { needs: ['cluster'] }), plan('options', { needs: ['summarize'] }), plan('tidy'), plan('agenda', { needs: ['options'] })];

  it('are skipped along the whole chain, the others run', () => {
    const next = afterStep(run(chain), first('cluster'), permanent, now, 0);
    expect(said(next)).toBe('failed, then tidy, skips summarize options');
    expect(next).toMatchObject({ skipped: [{ reason: 'needs "cluster", which did not succeed' }, { reason: 'needs "summarize", which did not succeed' }] });
    const later = ended(['cluster', 'failed'], ['summarize', 'skipped'], ['options', 'skipped']);
    expect(said(afterStep(run(chain, { ended: later }), first('tidy'), done(), now, 0))).toBe('done, run partial, skips agenda');
  });

  it('run when what they need skipped itself, or failed but says to go on', () => {
    expect(said(afterStep(run(chain), first('cluster'), skip('too few'), now, 0))).toBe('skipped, then summarize');
    const lenient = [plan('fetch', { onFailure: 'continue' }), plan('use', { needs: ['fetch'] })];
    expect(said(afterStep(run(lenient), first('fetch'), permanent, now, 0))).toBe('failed, then use');
  });

  it('are skipped unless it was done, when they are handed its output', () => {
    const handed = [plan('fetch', { onFailure: 'continue' }), plan('use', { needs: ['fetch'], takes: ['fetch'] }), plan('tell', { needs: ['use'] })];
    expect(said(afterStep(run(handed), first('fetch'), done(), now, 0))).toBe('done, then use');
    const next = afterStep(run(handed), first('fetch'), skip('nothing new'), now, 0);
    expect(said(next)).toBe('skipped, then tell, skips use');
    expect(next).toMatchObject({ skipped: [{ reason: 'needs the output of "fetch", which was skipped' }] });
    expect(afterStep(run(handed), first('fetch'), permanent, now, 0)).toMatchObject({ skipped: [{ reason: 'needs the output of "fetch", which failed' }] });
  });

  it('end the run when all that is left depends on the failed one', () => {
    expect(said(afterStep(run(chain.slice(0, 3)), first('cluster'), permanent, now, 0))).toBe('failed, run failed, skips summarize options');
  });
});

describe('a run ends', () => {
  const last = [plan('a', { onFailure: 'continue' }), plan('b', { onFailure: 'continue' }), plan('c', { onFailure: 'continue' })];
  it.each<[string, [StepEnd, StepEnd], StepOutcome, number, string]>([
    ['succeeded when all is done', ['done', 'done'], done(), 0, 'succeeded'],
    ['succeeded when all skipped itself', ['skipped', 'skipped'], skip('nothing'), 0, 'succeeded'],
    ['partial with item errors', ['done', 'done'], done(), 1, 'partial'],
    ['partial when one of them failed', ['failed', 'done'], done(), 0, 'partial'],
    ['partial when the last failed', ['done', 'done'], permanent, 0, 'partial'],
    ['failed when nothing was done', ['failed', 'skipped'], permanent, 0, 'failed'],
  ])('%s', (_name, [a, b], outcome, itemErrors, status) => {
    expect(afterStep(run(last, { ended: ended(['a', a], ['b', b]), itemErrors }), first('c'), outcome, now, 0)).toMatchObject({ kind: 'finish', status });
  });

  it('after finitely many attempts, with every step accounted for', () => {
    const outcomes = fc.constantFrom<StepOutcome>(done(), skip('nothing'), retry(1, 'later'), transient, permanent, cancelled);
    const lists = fc.array(fc.record({ onFailure: fc.constantFrom<OnFailure>('stop', 'continue', 'skipDependents'), need: fc.option(fc.nat(5)) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lists, fc.infiniteStream(outcomes), (list, stream) => {
        const plans = list.map(({ onFailure, need }, n) => plan(`s${n}`, { onFailure, needs: need !== null && need < n ? [`s${need}`] : [] }));
        const ends = new Map<string, StepEnd>();
        let current = plans[0]?.name ?? '';
        let tried = 1;
        for (let attempts = 1; ; attempts += 1) {
          expect(attempts).toBeLessThanOrEqual(3 * plans.length);
          const outcome = stream.next().value as StepOutcome;
          const next = afterStep(run(plans, { ended: new Map(ends) }), { step: current, tried, lost: 0 }, outcome, now, 0.5);
          if (next.kind === 'again') {
            tried += 1;
            continue;
          }
          ends.set(current, next.end);
          for (const { name } of next.skipped) ends.set(name, 'skipped');
          if (next.kind === 'finish') {
            expect([...ends.keys()].sort()).toEqual(plans.map((one) => one.name).sort());
            if (next.status === 'succeeded') expect([...ends.values()]).not.toContain('failed');
            return;
          }
          current = next.next.name;
          tried = 1;
        }
      }),
    );
  });
});

describe('after a worker died', () => {
  it('the step is due at once, and its own attempts are not used up', () => {
    expect(said(afterLostAttempt(run(two('stop')), { step: 'one', tried: 3, lost: 1 }, now))).toBe('again in 0 ms');
    expect(said(afterLostAttempt(run(two('stop')), { step: 'one', tried: 0, lost: MAX_LOST_ATTEMPTS - 1 }, now))).toBe('again in 0 ms');
  });

  it('too often, the step fails as its plan says', () => {
    const often: Attempt = { step: 'one', tried: 0, lost: MAX_LOST_ATTEMPTS };
    expect(said(afterLostAttempt(run(two('stop')), often, now))).toBe('failed, run failed, skips two');
    expect(said(afterLostAttempt(run(two('continue')), often, now))).toBe('failed, then two');
    expect(afterLostAttempt(run(two('stop')), often, now)).toMatchObject({ error: { name: 'WorkerLost', message: 'the worker of "one" died 20 times in it' } });
  });

  it('in a run that is to be cancelled, the run ends', () => {
    expect(said(afterLostAttempt(run(two('stop'), { cancelRequested: true }), { step: 'one', tried: 0, lost: 1 }, now))).toBe('cancelled, run cancelled, skips two');
  });
});

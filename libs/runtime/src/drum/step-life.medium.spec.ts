import { afterEach, describe, expect, it } from '@jest/globals';
import { done, fail, manual, pipeline, retry, snooze, step } from '@carillon/engine';
import type { Step, StepContext, StepOptions, StepOutcome } from '@carillon/engine';
import { eventually, signal } from '@carillon/testing';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

const ring = async (...steps: Step<never>[]): Promise<Tower> => (house = await tower(pipeline<never>('bell', { does: 'rings', trigger: manual() as never, steps })));
type Context = StepContext<never>;
const doing = (run: (context: Context) => Promise<StepOutcome>, options: Partial<StepOptions<never>> = {}): Step<never> =>
  step<never>('work', { does: 'works', run, retry: { maxAttempts: 2, baseMs: 1, capMs: 1, jitter: 0 }, ...options });
/** A step that listens to its signal and cleans up before it answers. */
const stopping = (context: Context, heard: (reason: string) => void): Promise<StepOutcome> =>
  new Promise((resolve) => context.signal.addEventListener('abort', () => (heard((context.signal.reason as Error).message), resolve(done({ counts: { cleanedUp: 1 } })))));
const inWords = ({ steps }: Awaited<ReturnType<Tower['finished']>>): string[] => steps.map((one) => `${one.name} ${one.attempt} ${one.status}${one.reason === null ? '' : `: ${one.reason}`}`);

describe('a step that is being worked on', () => {
  it('shows its progress live, and what it last said stays until its attempt is over', async () => {
    const goOn = signal('leave to go on');
    const { first, finished, runs } = await ring(
      doing(async ({ progress }) => {
        progress(3, 10);
        progress(7, 10);
        await goOn.wait(20_000);
        return done();
      }),
    );
    const { runId } = await first.desk.request('bell', {});
    const shown = await eventually(async () => (await runs())[0]?.steps.find((one) => one.progress?.done === 7), { what: 'progress to be shown' });
    expect(shown).toMatchObject({ status: 'running', progress: { done: 7, total: 10 } });
    goOn.resolve();
    expect((await finished(runId)).status).toBe('succeeded');
  });

  it('is told that its time is up, and what it finished in answer counts', async () => {
    const heard: string[] = [];
    const { first, finished } = await ring(doing((context) => stopping(context, (reason) => heard.push(reason)), { timeout: 200 }));
    const run = await finished((await first.desk.request('bell', {})).runId);
    expect(heard).toEqual(['the step was stopped: timeout']);
    expect(run).toMatchObject({ status: 'succeeded', counts: { cleanedUp: 1 } });
  });

  it('is told that its run is cancelled, and what it finished in answer counts', async () => {
    const heard: string[] = [];
    const begun = signal('the step to begin');
    const { first, finished } = await ring(doing((context) => (begun.resolve(), stopping(context, (reason) => heard.push(reason)))));
    const { runId } = await first.desk.request('bell', {});
    await begun.wait(20_000);
    await first.desk.cancel('bell', { runId, reason: 'enough' });
    const run = await finished(runId);
    expect(heard).toEqual(['the step was stopped: cancelled']);
    expect(run).toMatchObject({ status: 'cancelled', reason: 'enough', counts: { cleanedUp: 1 } });
  });

  it('that finishes nothing in its time is tried again, and fails when its tries are used up', async () => {
    const { first, finished } = await ring(doing(({ signal: stop }) => new Promise((_resolve, reject) => stop.addEventListener('abort', () => reject(stop.reason as Error))), { timeout: 100 }));
    const run = await finished((await first.desk.request('bell', {})).runId);
    expect(inWords(run)).toEqual(['work 1 retried: the step did not finish in time', 'work 2 failed']);
    expect(run).toMatchObject({ status: 'failed', errors: ['work: the step did not finish in time'] });
  });
});

describe('a step that waits', () => {
  it('sleeps until its time as often as it likes; only tries that failed count', async () => {
    let calls = 0;
    const inAnHour = (): Date => new Date(Date.now() + 3_600_000 * (calls + 1));
    const answers = [() => snooze(inAnHour(), 'the market is closed'), () => snooze(inAnHour(), 'still closed'), () => retry(0, 'the market is slow'), () => done()];
    const { first, finished, moveClock, runs } = await ring(doing(async () => answers[calls++]?.() ?? fail(new Error('called too often'))));
    const { runId } = await first.desk.request('bell', {});
    for (const hour of [1, 2]) {
      await eventually(async () => (await runs())[0]?.steps.filter((one) => one.status === 'snoozed').length === hour, { what: `the step to snooze ${hour} times` });
      expect(calls).toBe(hour);
      await moveClock(3_600_000 * (hour + 1) + 60_000);
      await first.rescue.runOnce();
    }
    const run = await finished(runId);
    expect(run.status).toBe('succeeded');
    expect(inWords(run)).toEqual(['work 1 snoozed: the market is closed', 'work 2 snoozed: still closed', 'work 3 retried: the market is slow', 'work 4 done']);
  });
});

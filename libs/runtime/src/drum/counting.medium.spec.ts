/** Every run that ends is counted once by whoever ended it, also when no step of it was settled then. */
import { afterEach, expect, it } from '@jest/globals';
import { done, manual, pipeline, queueOne, replaceRunning, skipOverlap, step } from '@carillon/engine';
import type { OverlapPolicy, Pipeline } from '@carillon/engine';
import { eventually, signal } from '@carillon/testing';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

/** Steps begin and do not end before the bell is let go. */
function held(name: string, overlap: OverlapPolicy, maxAttempts = 1): { bell: Pipeline<never>; begun: () => Promise<void>; letGo(): void } {
  const [began, open] = [signal(`a step of ${name} to begin`), signal('to be let go')];
  const run = async (): Promise<ReturnType<typeof done>> => {
    began.resolve();
    await open.promise;
    return done();
  };
  const bell = pipeline<never>(name, { does: 'waits', trigger: manual() as never, overlap, steps: [step<never>('only', { does: 'waits', retry: { maxAttempts, baseMs: 1, capMs: 1 }, run })] });
  return { bell, begun: () => began.wait(), letGo: () => open.resolve() };
}

it('skipped, cancelled in line, and replaced in line', async () => {
  const [alone, inLine, newest] = [held('alone', skipOverlap), held('inLine', queueOne), held('newest', replaceRunning)];
  house = await tower(alone.bell, inLine.bell, newest.bell);
  const { desk, schedules, ended } = house.first;
  const runs = { alone: await desk.request('alone', {}), inLine: await desk.request('inLine', {}), newest: await desk.request('newest', {}) };
  await Promise.all([alone.begun(), inLine.begun(), newest.begun()]);
  await desk.request('alone', {});
  await schedules.create({ pipeline: 'alone', name: 'by hand', trigger: { kind: 'manual' } });
  await schedules.run({ name: 'by hand' });
  const queued = await desk.request('inLine', {});
  await desk.cancel('inLine', { runId: queued.runId });
  // The first is told to stop and still works; the second waits for it, and makes room for the third.
  await desk.request('newest', {});
  const last = await desk.request('newest', {});
  expect(await ended()).toEqual(['alone skipped 2', 'inLine cancelled 1', 'newest cancelled 1']);
  for (const one of [alone, inLine, newest]) one.letGo();
  for (const { runId } of [...Object.values(runs), last]) await house.finished(runId);
  // The ledger knows of an end before its worker has the answer and counts it.
  const counted = async (): Promise<number> => (await ended()).reduce((sum, words) => sum + Number(words.split(' ')[2]), 0);
  const all = (await house.runs()).length;
  await eventually(async () => (await counted()) >= all, { what: `${all} runs to be counted` });
  expect(await counted()).toBe(all);
});

it('cancelled, and over when its worker fell silent', async () => {
  const { bell, begun, letGo } = held('chime', skipOverlap);
  house = await tower(bell);
  const { desk, rescue, ended } = house.first;
  const { runId } = await desk.request('chime', {});
  await begun();
  await desk.cancel('chime', {});
  expect(await ended()).toEqual([]);
  await house.query(`UPDATE engine.active_run SET deadline_at = engine.clock() - interval '1 second'`);
  await rescue.runOnce();
  expect((await house.finished(runId)).status).toBe('cancelled');
  expect(await ended()).toEqual(['chime cancelled 1']);
  letGo();
  await house.first.stop();
  // The late answer of the lost worker ends nothing any more.
  expect(await ended()).toEqual(['chime cancelled 1']);
});

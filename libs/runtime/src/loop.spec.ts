import { describe, expect, it } from '@jest/globals';
import { eventually, signal } from '@carillon/testing';
import { pino } from 'pino';
import { Loop } from './loop.js';

/** A loop whose rounds are handed out one by one, and what it logged. */
function loopUnderTest(rounds: (() => Promise<number>)[]): { loop: Loop; logged: { level: number; msg: string }[]; over: ReturnType<typeof signal<void>> } {
  const logged: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as { level: number; msg: string }) });
  const over = signal<void>('the last round');
  const loop = new Loop({
    name: 'relay',
    log,
    afterErrorMs: 1,
    runOnce: async () => {
      const round = rounds.shift();
      if (rounds.length === 0) over.resolve();
      return round ? round() : 3_600_000;
    },
  });
  return { loop, logged, over };
}
const rest = async (): Promise<number> => 3_600_000;
const outage = async (): Promise<number> => Promise.reject(new Error('no database'));

describe('a loop', () => {
  it('that is nudged in the middle of a round makes another one at once', async () => {
    const { loop, over } = loopUnderTest([async () => (loop.nudge(), 3_600_000), rest]);
    loop.start();
    await over.wait();
    await loop.stop();
  });

  it('that is nudged while it rests wakes up', async () => {
    const resting = signal('the first round');
    const { loop, over } = loopUnderTest([async () => (resting.resolve(), 3_600_000), rest]);
    loop.start();
    await resting.wait();
    loop.nudge();
    await over.wait();
    await loop.stop();
  });

  it('says once that it fails and once that it works again', async () => {
    const { loop, logged, over } = loopUnderTest([outage, outage, outage, async () => 1, outage, async () => 1, rest]);
    loop.start();
    await over.wait();
    await loop.stop();
    expect(logged.map((line) => line.msg)).toEqual(['relay failed, trying again', 'relay works again', 'relay failed, trying again', 'relay works again']);
  });

  it('that is stopped finishes its round and begins no other', async () => {
    const [begun, open] = [signal('the round'), signal('the gate')];
    let finished = false;
    const { loop } = loopUnderTest([async () => (begun.resolve(), await open.promise, (finished = true), 0), () => Promise.reject(new Error('not this one')), rest]);
    loop.start();
    await begun.wait();
    const stopped = loop.stop();
    expect(finished).toBe(false);
    open.resolve();
    await stopped;
    expect(finished).toBe(true);
  });

  it('that hangs in a round is overdue, one that rests or is stopped is not', async () => {
    const [begun, open] = [signal('the round'), signal('the gate')];
    const { loop } = loopUnderTest([async () => (begun.resolve(), await open.promise, 3_600_000), rest]);
    expect(loop.overdueMs()).toBe(0);
    loop.start();
    await begun.wait();
    expect(await eventually(() => loop.overdueMs() > 100)).toBe(true);
    loop.sign();
    expect(loop.overdueMs()).toBeLessThan(100);
    open.resolve();
    await eventually(() => loop.overdueMs() === 0);
    await loop.stop();
    expect(loop.overdueMs()).toBe(0);
  });
});

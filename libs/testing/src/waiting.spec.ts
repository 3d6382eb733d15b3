import { describe, expect, it } from '@jest/globals';
import { MovableClock, WaitedTooLong, eventually, signal } from './index.js';

describe('MovableClock', () => {
  it('wakes sleepers in the order of their times, each at its own time', async () => {
    const clock = new MovableClock('2026-03-01T00:00:00Z');
    const woken: string[] = [];
    const sleeper = async (name: string, milliseconds: number): Promise<void> => {
      await clock.sleep(milliseconds);
      woken.push(`${name} ${clock.now().toISOString().slice(11, 19)}`);
    };
    const both = Promise.all([sleeper('late', 60_000), sleeper('early', 1000)]);
    await clock.advance(60_000);
    await both;
    expect(woken).toEqual(['early 00:00:01', 'late 00:01:00']);
    expect(clock.waiting).toBe(0);
  });

  it('wakes a loop once for every time it sleeps again on the way', async () => {
    const clock = new MovableClock();
    const stop = new AbortController();
    let rounds = 0;
    const loop = (async () => {
      for (;;) {
        await clock.sleep(1000, stop.signal);
        rounds += 1;
      }
    })().catch((error: unknown) => error);
    await clock.advance(10_500);
    stop.abort(new Error('enough'));
    expect(await loop).toEqual(new Error('enough'));
    expect(rounds).toBe(10);
  });

  it('set back, fires nothing; a cancelled timer never fires', async () => {
    const clock = new MovableClock();
    let fired = 0;
    const timer = clock.setTimeout(() => (fired += 1), 100);
    await clock.advance(-1000);
    timer.cancel();
    await clock.advance(5000);
    expect(fired).toBe(0);
  });

  it('refuses a start that is no time', () => {
    expect(() => new MovableClock('yesterday')).toThrow('yesterday is not a time');
  });
});

describe('signal', () => {
  it('carries a value, or an error', async () => {
    const good = signal<number>();
    good.resolve(7);
    expect(await good.wait()).toBe(7);
    const bad = signal('the handler ran');
    bad.reject(new Error('refused'));
    await expect(bad.wait()).rejects.toThrow('refused');
  });

  it('names what did not come', async () => {
    await expect(signal('the third bell').wait(1)).rejects.toThrow('the third bell did not happen within 1 ms');
  });
});

describe('eventually', () => {
  it('answers with the first yes', async () => {
    let asked = 0;
    expect(await eventually(() => (++asked >= 3 ? asked : undefined), { every: 1 })).toBe(3);
  });

  it('gives up with the last error as its cause', async () => {
    const failure = await eventually(() => { throw new Error('not there'); }, { what: 'the row', within: 5, every: 1 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WaitedTooLong);
    expect((failure as Error).message).toBe('the row did not happen within 5 ms: not there');
  });
});

import { describe, expect, it } from '@jest/globals';
import { healthAfter } from './board-health.js';
import type { BoardHealth, Reading } from './board-health.js';

const NEW: BoardHealth = { state: 'new', failuresInRow: 0, zerosInRow: 0, lastCount: null, toldState: null };
const read = (count: number): Reading => ({ kind: 'read', count });
const FAILED: Reading = { kind: 'failed', gone: false };
const GONE: Reading = { kind: 'failed', gone: true };

/** What is told, reading by reading. */
function told(readings: readonly Reading[], after = 3): (string | undefined)[] {
  let health = NEW;
  return readings.map((reading) => {
    const decision = healthAfter(health, reading, after);
    ({ health } = decision);
    return decision.tell;
  });
}

describe('a board', () => {
  it('that fails is told once after so many times, and when it works again', () => {
    expect(told([read(5), FAILED, FAILED, FAILED, FAILED, read(5), FAILED, read(5)])).toEqual([undefined, undefined, undefined, 'failing', undefined, 'recovered', undefined, undefined]);
  });
  it('that is gone is told at once (defect 5)', () => expect(told([read(5), GONE, GONE, read(5)])).toEqual([undefined, 'gone', undefined, 'recovered']));
  it('that fails and then is gone is told as both', () => expect(told([FAILED, GONE], 1)).toEqual(['failing', 'gone']));
  it('that has nothing after it had something is told, and one that never had is not', () => {
    expect(told([read(5), read(0), read(0), read(2)])).toEqual([undefined, 'empty', undefined, 'recovered']);
    expect(told([read(0), read(0)])).toEqual([undefined, undefined]);
  });
  it('that suddenly has nothing closes its postings only when it says so again', () => {
    const once = healthAfter({ ...NEW, state: 'healthy', lastCount: 5 }, read(0), 3);
    expect([once.closes, healthAfter(once.health, read(0), 3).closes, healthAfter({ ...NEW, lastCount: 5 }, read(4), 3).closes]).toEqual([false, true, true]);
  });
  it('counts failures until one works, and remembers how many postings there were', () => {
    expect(healthAfter({ ...NEW, lastCount: 5, failuresInRow: 1 }, FAILED, 9).health).toMatchObject({ state: 'failing', failuresInRow: 2, lastCount: 5 });
    expect(healthAfter({ ...NEW, lastCount: 5, failuresInRow: 7 }, read(6), 9).health).toMatchObject({ state: 'healthy', failuresInRow: 0, lastCount: 6 });
  });
});

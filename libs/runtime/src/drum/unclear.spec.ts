import { beforeEach, describe, expect, it } from '@jest/globals';
import { Unclear } from './unclear.js';

const a = { stepId: 'a' };
const b = { stepId: 'b' };
let unclear: Unclear;
beforeEach(() => void (unclear = new Unclear()));

describe('a step that the ledger gave us and that we know nothing of', () => {
  it('is lost when a second look still finds it, and no question of ours is open', () => {
    expect(unclear.lost([a])).toEqual([]);
    expect(unclear.lost([a])).toEqual([a]);
  });

  it('is waited for as long as a question is open that was when it was first seen, however many looks that takes', () => {
    const ends = unclear.begins();
    for (let look = 0; look < 100; look += 1) expect(unclear.lost([a])).toEqual([]);
    ends();
    expect(unclear.lost([a])).toEqual([a]);
  });

  it('is not waited for because of questions that came later', () => {
    const ends = unclear.begins();
    unclear.lost([a]);
    unclear.begins();
    ends();
    expect(unclear.lost([a, b])).toEqual([a]);
    // b was seen while the later one was open.
    expect(unclear.lost([a, b])).toEqual([a]);
  });

  it('that was heard of in the meantime begins anew when it is unknown again', () => {
    unclear.lost([a]);
    unclear.lost([]);
    expect(unclear.lost([a])).toEqual([]);
  });

  it('waits for a question until it is answered', async () => {
    let answer = (_value: string): void => undefined;
    const asked = unclear.during(() => new Promise<string>((resolve) => (answer = resolve)));
    unclear.lost([a]);
    expect(unclear.lost([a])).toEqual([]);
    answer('here');
    expect(await asked).toBe('here');
    expect(unclear.lost([a])).toEqual([a]);
  });

  it('or until it fails', async () => {
    const asked = unclear.during(() => Promise.reject(new Error('the line was cut')));
    unclear.lost([a]);
    await expect(asked).rejects.toThrow('the line was cut');
    expect(unclear.lost([a])).toEqual([a]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { stabilities, subsample, wantsResummary } from './stability.js';

const all = [0, 1, 2, 3, 4, 5, 6, 7];
const reference = [0, 0, 0, 0, 1, 1, 1, -1];

describe('stability of clusters under subsampling', () => {
  it.each([
    ['the same partition under other labels', [{ indices: all, labels: [5, 5, 5, 5, 2, 2, 2, -1] }], { 0: 1, 1: 1 }],
    ['everything noise', [{ indices: all, labels: all.map(() => -1) }], { 0: 0, 1: 0 }],
    ['half of a cluster found again', [{ indices: all, labels: [0, 0, -1, -1, 1, 1, 1, -1] }], { 0: 0.5, 1: 1 }],
    ['swallowed by a larger one', [{ indices: all, labels: [0, 0, 0, 0, 0, 0, 0, 0] }], { 0: 4 / 8, 1: 3 / 8 }],
    ['only points that took part count', [{ indices: [0, 1, 4, 5], labels: [0, 0, 1, 1] }], { 0: 1, 1: 1 }],
    ['the mean over the re-runs', [{ indices: all, labels: [0, 0, 0, 0, 1, 1, 1, -1] }, { indices: all, labels: all.map(() => -1) }], { 0: 0.5, 1: 0.5 }],
    ['a re-run without a single member says nothing', [{ indices: [0, 1, 2, 3], labels: [0, 0, 0, 0] }], { 0: 1 }],
  ])('%s', (_name, reruns, expected) => {
    expect(Object.fromEntries(stabilities(reference, reruns))).toEqual(expected);
  });
});

describe('seeded subsamples', () => {
  it('hold the share asked for, ascending, each position once', () => {
    const positions = subsample(100, 0.9, 7);
    expect(positions).toHaveLength(90);
    expect([...positions]).toEqual([...new Set(positions)].sort((one, other) => one - other));
    expect(Math.max(...positions)).toBeLessThan(100);
  });

  it('repeat with the seed and differ without it', () => {
    expect(subsample(100, 0.9, 7)).toEqual(subsample(100, 0.9, 7));
    expect(subsample(100, 0.9, 7)).not.toEqual(subsample(100, 0.9, 8));
  });

  it('leave every position out about equally often', () => {
    const left = Array.from({ length: 20 }, () => 0);
    for (let seed = 0; seed < 2_000; seed += 1) {
      const kept = new Set(subsample(20, 0.9, seed));
      left.forEach((_count, index) => kept.has(index) || (left[index] = (left[index] ?? 0) + 1));
    }
    for (const count of left) expect(Math.abs(count - 200)).toBeLessThan(60);
  });
});

describe('an unstable cluster asks for a new summary', () => {
  it.each([
    ['when it has just become unstable', { unstable: true, wasUnstable: false, membersChanged: false }, true],
    ['when it is unstable and its members changed', { unstable: true, wasUnstable: true, membersChanged: true }, true],
    ['but not again on unchanged members', { unstable: true, wasUnstable: true, membersChanged: false }, false],
    ['and not when it is stable', { unstable: false, wasUnstable: true, membersChanged: true }, false],
  ])('%s', (_name, finding, expected) => expect(wantsResummary(finding)).toBe(expected));
});

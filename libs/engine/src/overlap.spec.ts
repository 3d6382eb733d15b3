import { describe, expect, it } from '@jest/globals';
import { allowOverlap, decideOverlap, queueAll, queueOne, replaceRunning, skipOverlap } from './index.js';
import type { OverlapDecision, OverlapPolicy } from './index.js';

describe('a run that is due', () => {
  it.each<[OverlapPolicy, number, number, OverlapDecision]>([
    [skipOverlap, 0, 0, 'start'],
    [skipOverlap, 1, 0, 'skip'],
    [skipOverlap, 0, 1, 'skip'],
    [queueOne, 0, 0, 'start'],
    [queueOne, 1, 0, 'queue'],
    [queueOne, 1, 1, 'skip'],
    [queueAll(3), 0, 0, 'start'],
    [queueAll(3), 1, 2, 'queue'],
    [queueAll(3), 1, 3, 'skip'],
    [replaceRunning, 0, 0, 'start'],
    [replaceRunning, 1, 0, 'replace'],
    [replaceRunning, 1, 1, 'replace'],
    [allowOverlap, 0, 0, 'start'],
    [allowOverlap, 7, 7, 'start'],
  ])('under %j with %d running and %d queued: %s', (policy, running, queued, expected) => {
    expect(decideOverlap(policy, running, queued)).toBe(expected);
  });

  it.each([0, -2, 1.5, Infinity])('queueAll(%s) is refused', (max) => {
    expect(() => queueAll(max)).toThrow(`queueAll(${max}): must be a whole number of 1 or more`);
  });
});

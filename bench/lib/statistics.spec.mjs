import { expect, it } from '@jest/globals';
import { median, quantile } from './statistics.mjs';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

it('a quantile is a value that was measured, by nearest rank', () => {
  expect([0, 0.5, 0.95, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([1, 50, 95, 99, 100]);
  expect(quantile([7], 0.99)).toBe(7);
});

it('a median of an even number lies between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([5])]).toEqual([2, 2.5, 5]);
});

it('nothing measured is an error, not a zero', () => {
  expect(() => quantile([], 0.5)).toThrow('measure something first');
});

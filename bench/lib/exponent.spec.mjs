import { describe, expect, it } from '@jest/globals';
import { growthExponent, SHORTEST_TRUSTED_SECONDS } from './exponent.mjs';

const measured = (secondsOf) => [1_000, 5_000, 20_000].map((size) => ({ size, seconds: secondsOf(size) }));

describe('the growth exponent', () => {
  it.each([
    ['constant', () => 3, 0],
    ['linear', (n) => n / 500, 1],
    ['quadratic', (n) => (n / 1_000) ** 2, 2],
    ['below the floor everywhere', (n) => (SHORTEST_TRUSTED_SECONDS * n) / 1e6, 0],
  ])('of %s time', (_name, secondsOf, exponent) => expect(growthExponent(measured(secondsOf))).toBeCloseTo(exponent, 10));

  it('is the best line through times that lie on none', () => {
    const noisy = [{ size: 10, seconds: 1 }, { size: 100, seconds: 20 }, { size: 1_000, seconds: 100 }];
    expect(growthExponent(noisy)).toBeCloseTo(1, 10);
  });

  it('refuses a single size', () => expect(() => growthExponent([{ size: 10, seconds: 1 }])).toThrow(/at least two sizes, not of 10/));
});

import { expect, it } from '@jest/globals';
import { syntheticConcerns } from './concerns.mjs';

const { concerns, groups } = syntheticConcerns(300);

it('draws the same town each time, and another one for another seed', () => {
  expect(syntheticConcerns(300).concerns).toEqual(concerns);
  expect(syntheticConcerns(300, 1).concerns[0]).not.toEqual(concerns[0]);
});

it('gives vectors of length 1, readable texts, and a group for every hundred', () => {
  expect(groups).toBe(3);
  for (const { vector, title, summary } of concerns) {
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(title.length).toBeLessThanOrEqual(255);
    expect(summary).toMatch(/^The .+, and the .+\. .+\.$/);
  }
});

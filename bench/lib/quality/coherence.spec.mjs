import { expect, it } from '@jest/globals';
import { npmiCoherence } from './coherence.mjs';

const [bus, rent] = [['bus', 'stop'], ['rent', 'flat']];
const texts = [bus, bus, bus, bus, rent, rent, rent, rent];

it('words that only come together are wholly coherent, words of two topics are not', () => {
  expect(npmiCoherence(texts, [0, 0, 0, 0, 1, 1, 1, 1])).toBeCloseTo(1, 12);
  // Two pairs that always come together, four that never do.
  expect(npmiCoherence(texts, [0, 0, 1, 1, 0, 0, 1, 1])).toBeCloseTo(-1 / 3, 12);
});

it('texts in no group say nothing, and without groups there is no coherence', () => {
  expect(npmiCoherence(texts, [0, 0, 0, 0, -1, -1, -1, -1])).toBeCloseTo(1, 12);
  expect(npmiCoherence(texts, texts.map(() => -1))).toBeNaN();
});

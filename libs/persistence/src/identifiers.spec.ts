import { expect, it } from '@jest/globals';
import { newId, newIdSeries } from './identifiers.js';

it('counts ids that come after all that were made before, and before all that are made later', () => {
  const series = Array.from({ length: 20_000 }, () => [newId(), ...ends(newIdSeries()), newId()]);
  const ids = series.flat();
  expect(ids.every((id) => /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id))).toBe(true);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

/** As the statements have it. */
function ends({ head, tail }: { head: string; tail: number }): string[] {
  return [1, 100_000].map((nth) => head + (tail + nth).toString(16).padStart(12, '0'));
}

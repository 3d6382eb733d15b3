import { describe, expect, it } from '@jest/globals';
import { monthsToDrop } from './months.js';

const months = (...named: string[]): { month: string; active: number }[] => named.map((month) => ({ month, active: 0 }));

describe('months of history', () => {
  it.each<[string, string[], string, number, string[]]>([
    ['go when they are older than what is kept', ['2025-09', '2025-10', '2025-11', '2026-11'], '2026-11', 13, ['2025-09']],
    ['stay at exactly the age that is kept', ['2025-10'], '2026-11', 13, []],
    ['go over the turn of a year', ['2025-11', '2025-12', '2026-01'], '2026-01', 1, ['2025-11']],
    ['that are still to come stay', ['2026-12', '2027-01'], '2026-11', 1, []],
  ])('%s', (_what, named, now, keep, expected) => expect(monthsToDrop(months(...named), now, keep)).toEqual(expected));

  it('stay while something in them is going on', () => {
    expect(monthsToDrop([{ month: '2020-01', active: 1 }, { month: '2020-02', active: 0 }], '2026-11', 13)).toEqual(['2020-02']);
  });
});

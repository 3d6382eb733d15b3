import { describe, expect, it } from '@jest/globals';
import type { CastVote } from './tally.js';
import { tally } from './tally.js';

const ballot = [
  { clusterId: 'parks', options: [{ id: 'p1', position: 1 }, { id: 'p2', position: 2 }, { id: 'p3', position: 3 }] },
  { clusterId: 'roads', options: [{ id: 'r1', position: 1 }, { id: 'r2', position: 2 }] },
];
const vote = (accountId: string, minute: number, ...choices: string[]): CastVote => ({
  id: `${accountId}-${minute}`,
  accountId,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  selections: choices.map((option_id) => ({ cluster_id: option_id.startsWith('p') ? 'parks' : 'roads', option_id })),
});
const people = (...ids: string[]): Set<string> => new Set(ids);

describe('tally', () => {
  it('a ballot that nobody voted on has zeros and no tie', () => {
    expect(tally(ballot.slice(1), [], people('a', 'b'))).toEqual({
      eligible: 2,
      voters: 0,
      abstentions: 2,
      turnout: '0.0000',
      items: [
        {
          cluster_id: 'roads',
          voters: 0,
          skipped: 0,
          tied: false,
          options: [{ option_id: 'r1', position: 1, votes: 0, share: '0.0000' }, { option_id: 'r2', position: 2, votes: 0, share: '0.0000' }],
        },
      ],
    });
  });

  it('counts a person who revised once, with the last vote (defect 1)', () => {
    const result = tally(ballot, [vote('a', 5, 'p2'), vote('a', 1, 'p1', 'r1'), vote('b', 2, 'p1')], people('a', 'b', 'c'));
    expect(result).toMatchObject({ voters: 2, abstentions: 1, turnout: '0.6667' });
    expect(result.items[0]?.options.map(({ option_id, votes }) => [option_id, votes])).toEqual([['p1', 1], ['p2', 1], ['p3', 0]]);
    expect(result.items[1]).toMatchObject({ voters: 0, skipped: 2 });
  });

  it('opposing is not approving: only counts and shares per option are reported (defect 2)', () => {
    const result = tally(ballot, [vote('a', 1, 'r2'), vote('b', 1, 'r2'), vote('c', 1, 'r1')], people('a', 'b', 'c'));
    expect(result.items[1]?.options).toEqual([
      { option_id: 'r2', position: 2, votes: 2, share: '0.6667' },
      { option_id: 'r1', position: 1, votes: 1, share: '0.3333' },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/approv/);
  });

  it('ties are said and ordered by position', () => {
    const [parks] = tally(ballot, [vote('a', 1, 'p3'), vote('b', 1, 'p2')], people('a', 'b')).items;
    expect(parks).toMatchObject({ tied: true });
    expect(parks?.options.map(({ option_id }) => option_id)).toEqual(['p2', 'p3', 'p1']);
  });

  it('a voter who lost the right since still counts as eligible, so abstentions are never negative', () => {
    expect(tally(ballot, [vote('gone', 1, 'p1')], people('a'))).toMatchObject({ eligible: 2, voters: 1, abstentions: 1, turnout: '0.5000' });
  });

  it('two votes of the same instant: the later id is the last', () => {
    const [one, other] = [vote('a', 1, 'p1'), { ...vote('a', 1, 'p2'), id: 'a-2' }];
    expect(tally(ballot, [other, one], people('a')).items[0]?.options[0]?.option_id).toBe('p2');
  });

  it('what is not on the ballot counts for nothing', () => {
    expect(tally(ballot.slice(0, 1), [vote('a', 1, 'r1')], people('a')).items).toMatchObject([{ voters: 0, skipped: 1 }]);
  });
});

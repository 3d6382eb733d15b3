import { describe, expect, it } from '@jest/globals';
import type { VoteState } from './ballot.js';
import { refuseVote } from './ballot.js';

const state: VoteState = {
  now: new Date('2026-01-01T10:00:00Z'),
  cycle: { status: 'active', endsAt: new Date('2026-01-01T12:00:00Z') },
  ballot: [{ clusterId: 'parks', options: [{ id: 'p1', position: 1 }, { id: 'p2', position: 2 }] }, { clusterId: 'roads', options: [{ id: 'r1', position: 1 }] }],
  eligible: true,
  votesCast: 0,
  maxVotes: 2,
};
const select = (cluster_id: string, option_id: string) => ({ cluster_id, option_id });

describe('casting a vote (defect 21: deadline, cycle and options are checked)', () => {
  it.each([
    ['a vote on one item counts', {}, [select('parks', 'p1')], undefined],
    ['a vote on all items counts', {}, [select('parks', 'p1'), select('roads', 'r1')], undefined],
    ['the first revision counts', { votesCast: 1 }, [select('parks', 'p2')], undefined],
    ['the second revision does not', { votesCast: 2 }, [select('parks', 'p2')], 'vote_change_limit_reached'],
    ['not at the very end', { now: state.cycle.endsAt }, [select('parks', 'p1')], 'cycle_closed'],
    ['not when it was tallied', { cycle: { ...state.cycle, status: 'tallied' as const } }, [select('parks', 'p1')], 'cycle_closed'],
    ['not by someone who may not', { eligible: false }, [select('parks', 'p1')], 'not_eligible'],
    ['not when everything was skipped', {}, [], 'empty_vote'],
    ['not on what is not on the ballot', {}, [select('pools', 'p1')], 'not_on_ballot'],
    ['not for an option of another item', {}, [select('parks', 'r1')], 'option_not_on_ballot'],
    ['not for two options of one item', {}, [select('parks', 'p1'), select('parks', 'p2')], 'several_options_for_one_item'],
  ])('%s', (_name, change, selections, expected) => expect(refuseVote(selections, { ...state, ...change })).toBe(expected));
});

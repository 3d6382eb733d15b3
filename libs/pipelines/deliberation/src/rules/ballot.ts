/** Whether a vote counts: the deadline, the cycle, and that every choice is on the ballot. A refusal names its reason; the texts are the catalogue's. */
import type { BallotItem, Selection } from './tally.js';

export type VoteRefusal = 'no_such_cycle' | 'cycle_closed' | 'not_eligible' | 'empty_vote' | 'not_on_ballot' | 'option_not_on_ballot' | 'several_options_for_one_item' | 'vote_change_limit_reached';

export interface VoteState {
  /** The database's time when the vote is judged. */
  now: Date;
  cycle: { status: 'active' | 'tallied'; endsAt: Date };
  ballot: readonly BallotItem[];
  eligible: boolean;
  /** Votes that this person has cast in this cycle already. */
  votesCast: number;
  maxVotes: number;
}

/** The reason to refuse a vote, or undefined when it counts. */
export function refuseVote(selections: readonly Selection[], state: VoteState): VoteRefusal | undefined {
  if (state.cycle.status !== 'active' || state.now.getTime() >= state.cycle.endsAt.getTime()) return 'cycle_closed';
  if (!state.eligible) return 'not_eligible';
  if (selections.length === 0) return 'empty_vote';
  const items = new Map(state.ballot.map((item) => [item.clusterId, item]));
  for (const { cluster_id, option_id } of selections) {
    const item = items.get(cluster_id);
    if (!item) return 'not_on_ballot';
    if (!item.options.some((option) => option.id === option_id)) return 'option_not_on_ballot';
  }
  if (new Set(selections.map(({ cluster_id }) => cluster_id)).size < selections.length) return 'several_options_for_one_item';
  return state.votesCast >= state.maxVotes ? 'vote_change_limit_reached' : undefined;
}

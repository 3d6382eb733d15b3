/** What becomes of a dispute. Nobody judges single cases by hand: published rules do, on figures that the finding shows. */

export interface GroupFigures {
  /** How strongly clustering held the member in its group, 0 to 1. */
  probability: number;
  /** Cosine similarity to the centre of its own group, and to the nearest other one of the same embedding model; null when there is no other. */
  own: number;
  nearestOther: number | null;
}

export type Finding = { upheld: boolean; because: string };

/** A person says that its concern is in the wrong group: it is, when it was never held firmly or is nearer to another. */
export function judgeWrongGroup({ probability, own, nearestOther }: GroupFigures, confidence: number): Finding {
  if (nearestOther !== null && nearestOther > own) return { upheld: true, because: 'nearer_to_another_group' };
  if (probability < confidence) return { upheld: true, because: 'held_weakly' };
  return { upheld: false, because: 'held_firmly' };
}

/** So large a share of members that are nearer to another group makes a group more than one concern. */
const STRANGERS = 1 / 3;

/** A person says that a group holds several concerns. `strangers`: members that are nearer to another group's centre. */
export function judgeNotOneConcern({ strangers, size, stability, threshold }: { strangers: number; size: number; stability: number | null; threshold: number }): Finding {
  if (size > 0 && strangers / size >= STRANGERS) return { upheld: true, because: 'many_members_are_nearer_to_other_groups' };
  if (strangers > 0 && stability !== null && stability < threshold) return { upheld: true, because: 'unstable' };
  return { upheld: false, because: 'holds_together' };
}

/** A person says that a title misleads: it is written anew when it was written for other members than those of now. */
export function judgeMisleadingTitle({ changedSinceSummary }: { changedSinceSummary: boolean }): Finding {
  return changedSinceSummary ? { upheld: true, because: 'written_for_other_members' } : { upheld: false, because: 'written_for_these_members' };
}

/** A person says that its text was misunderstood: it was, when reading it again, with what the person adds, says something else. */
export function judgeMisunderstood(before: readonly { title: string; stance: string }[], again: readonly { title: string; stance: string }[] | undefined): Finding {
  if (again === undefined) return { upheld: false, because: 'not_readable_as_a_concern' };
  const same = before.length === again.length && before.every(({ title, stance }, index) => again[index]?.title === title && again[index]?.stance === stance);
  return same ? { upheld: false, because: 'read_the_same_again' } : { upheld: true, because: 'read_differently' };
}

/** What an upheld dispute has parted stays parted: a concern that was taken out of a cluster does not come back into it, however alike the words are. */
import type { ClusterMatching } from './match-clusters.js';

/** The matching without the parted members; they stay open, and any other group may get them. */
export function keepApart(matching: ClusterMatching, parted: ReadonlyMap<string, ReadonlySet<string>>): ClusterMatching {
  if (parted.size === 0) return matching;
  return {
    ...matching,
    matches: matching.matches.map((match) => {
      const out = parted.get(match.clusterId);
      if (!out) return match;
      const stays = (member: string): boolean => !out.has(member);
      return { ...match, members: match.members.filter(stays), joined: match.joined.filter(stays) };
    }),
    woken: matching.woken.map((one) => ({ ...one, members: one.members.filter((member) => parted.get(one.clusterId)?.has(member) !== true) })),
  };
}

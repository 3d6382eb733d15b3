/** One decision for the run that groups and for whoever makes its grouping again. */
import { placeNoise } from '@carillon/clustering';
import type { ClusterOutcome } from '@carillon/clustering';

/** What density left out and is yet of a group's kind goes with the group, at probability 0; the record tells it by that. */
export function withNoisePlaced(reach: number, outcome: ClusterOutcome): ClusterOutcome {
  if (reach === 0) return outcome;
  return { ...outcome, result: { ...outcome.result, labels: placeNoise(outcome.reduction.points, outcome.result.labels, { reach }) } };
}

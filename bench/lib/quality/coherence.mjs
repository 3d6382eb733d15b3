/**
 * How well a group's words belong together: normalised pointwise mutual information (Bouma 2009) of the words that tell the group from the others, over all pairs of them,
 * counted in whole texts. 1: the words come together or not at all; 0: as often as by chance; −1: never.
 */

const TOP_WORDS = 8;

/**
 * @param {readonly (readonly string[])[]} documents the words of each text
 * @param {ArrayLike<number>} labels −1 for texts in no group
 * @returns {number} the mean over the groups, NaN without any
 */
export function npmiCoherence(documents, labels) {
  const containing = new Map();
  documents.forEach((words, index) => new Set(words).forEach((word) => containing.set(word, (containing.get(word) ?? new Set()).add(index))));
  const values = groupsOf(labels).map((members) => meanNpmi(topWords(documents, members, containing), containing, documents.length));
  return mean(values.filter((value) => Number.isFinite(value)));
}

/** The rows of each label but noise. @param {ArrayLike<number>} labels @returns {number[][]} */
export function groupsOf(labels) {
  const groups = new Map();
  Array.from(labels).forEach((label, row) => label >= 0 && groups.set(label, [...(groups.get(label) ?? []), row]));
  return [...groups.values()];
}

/** By how much more often a word stands in the group than in all texts; a word of one text tells nothing. */
function topWords(documents, members, containing) {
  const counts = new Map();
  for (const index of members) for (const word of new Set(documents[index])) counts.set(word, (counts.get(word) ?? 0) + 1);
  const scored = [...counts].filter(([, count]) => count >= 2).map(([word, count]) => [word, (count / members.length) * Math.log(documents.length / containing.get(word).size)]);
  return scored.sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).slice(0, TOP_WORDS).map(([word]) => word);
}

function meanNpmi(words, containing, count) {
  const pairs = words.flatMap((one, index) => words.slice(index + 1).map((other) => npmi(containing.get(one), containing.get(other), count)));
  return mean(pairs);
}

function npmi(one, other, count) {
  let both = 0;
  for (const index of one) if (other.has(index)) both += 1;
  if (both === 0) return -1;
  if (both === count) return 1;
  return Math.log((both * count) / (one.size * other.size)) / -Math.log(both / count);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What was lost and what was doubled, by sets of ids: two errors that cancel each other out in a count do not in a set. */

/** @typedef {{ lost: string[], doubled: string[] }} Verdict */

/**
 * @param {Iterable<string>} expected each must be seen exactly once
 * @param {Iterable<string>} seen one entry for each time; what nobody expected counts as doubled
 * @returns {Verdict}
 */
export function compare(expected, seen) {
  const wanted = new Set(expected);
  const once = new Set();
  const doubled = new Set();
  for (const name of seen) {
    if (once.has(name) || !wanted.has(name)) doubled.add(name);
    once.add(name);
  }
  return { lost: [...wanted].filter((name) => !once.has(name)), doubled: [...doubled] };
}

/** @param {Record<string, Verdict>} verdicts by what they are about @returns {Verdict} */
export function together(verdicts) {
  const named = (which) => Object.entries(verdicts).flatMap(([about, verdict]) => verdict[which].map((name) => `${about} ${name}`));
  return { lost: named('lost'), doubled: named('doubled') };
}

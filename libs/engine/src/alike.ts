/** "Did you mean …?": the known name that is closest to one that nobody knows. */

/** Undefined when none is close: more than a third of the letters would have to change. */
export function alike(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((one) => ({ one, changes: changesBetween(name.toLowerCase(), one.toLowerCase()) })).sort((a, b) => a.changes - b.changes);
  return best && best.changes <= Math.ceil(Math.max(name.length, best.one.length) / 3) ? best.one : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements, one row of the table at a time. */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_none, place) => place);
  for (const [place, letter] of [...from].entries()) {
    const next = [place + 1];
    for (let n = 0; n < to.length; n += 1) next.push(Math.min((row[n] ?? 0) + (to[n] === letter ? 0 : 1), (row[n + 1] ?? 0) + 1, (next[n] ?? 0) + 1));
    row = next;
  }
  return row[to.length] ?? 0;
}

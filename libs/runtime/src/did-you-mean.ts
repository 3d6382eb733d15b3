/** A name that is not known is answered with the one that was meant. */

/** `; did you mean "import"?` for the nearest name, or all of them when none is near. */
export function didYouMean(given: string, names: readonly string[]): string {
  const [nearest] = names.map((name) => ({ name, distance: editDistance(given, name) })).sort((a, b) => a.distance - b.distance);
  if (nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.name.length / 3))) return `; did you mean "${nearest.name}"?`;
  return names.length === 0 ? '' : `; there is ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}`;
}

/** Levenshtein distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_none, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) next.push(Math.min((next[column - 1] ?? 0) + 1, (row[column] ?? 0) + 1, (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length] ?? 0;
}

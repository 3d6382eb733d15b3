/** Options of our own commands: few, and a mistyped one is answered with the one that was meant. */

/**
 * @template {string} Name
 * @param {string[]} args what followed the command
 * @param {Record<Name, string>} known each flag without its dashes, and what it does
 * @returns {Record<Name, boolean>}
 */
export function parseFlags(args, known) {
  const names = Object.keys(known);
  const flags = Object.fromEntries(names.map((name) => [name, false]));
  for (const arg of args) {
    const name = arg.replace(/^--?/, '');
    if (!arg.startsWith('-') || !names.includes(name)) throw new Error(`There is no option ${arg}${didYouMean(name, names, '--')}`);
    flags[name] = true;
  }
  return flags;
}

/** `; did you mean --once?` for the nearest name, or all of them when none is near. @param {string} given @param {string[]} names */
export function didYouMean(given, names, prefix = '') {
  const [nearest] = names.map((name) => ({ name, distance: editDistance(given, name) })).sort((a, b) => a.distance - b.distance);
  if (nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.name.length / 2))) return `; did you mean ${prefix}${nearest.name}?`;
  return names.length === 0 ? '' : `; there is ${names.map((name) => prefix + name).join(', ')}`;
}

/** Levenshtein distance. @param {string} from @param {string} to */
function editDistance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length];
}

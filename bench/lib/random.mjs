/** Chance that can be repeated: a benchmark that draws other data every time measures the data. */

/**
 * @typedef {object} Random
 * @property {() => number} uniform in [0, 1)
 * @property {() => number} normal with mean 0 and standard deviation 1
 * @property {<T>(items: readonly T[]) => T} pick
 */

/** A small seeded generator (mulberry32, T. Ettinger, public domain). @param {number} seed @returns {Random} */
export function seededRandom(seed) {
  let state = seed >>> 0;
  let spare;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  /** Box and Muller: two at a time. */
  const normal = () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal, pick: (items) => items[Math.floor(uniform() * items.length)] };
}

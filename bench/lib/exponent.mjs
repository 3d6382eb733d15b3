/** How time grows with size: the slope on a log–log plot. 1 is linear, 2 quadratic. */

/** Shorter times are mostly chance (scheduling, a commit to disk): taken as they are, they would show growth where there is none. */
export const SHORTEST_TRUSTED_SECONDS = 0.02;

/**
 * The exponent b of the least-squares fit seconds ≈ a · size^b; times below the floor count as the floor.
 * @param {readonly { size: number, seconds: number }[]} measurements of at least two different sizes
 * @returns {number}
 */
export function growthExponent(measurements) {
  const points = measurements.map(({ size, seconds }) => ({ x: Math.log(size), y: Math.log(Math.max(seconds, SHORTEST_TRUSTED_SECONDS)) }));
  const middle = { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y }) => y)) };
  const spread = sum(points.map(({ x }) => (x - middle.x) ** 2));
  if (!(spread > 0)) throw new Error(`growth needs times of at least two sizes, not of ${measurements.map(({ size }) => size).join(', ') || 'none'}: measure another size`);
  return sum(points.map(({ x, y }) => (x - middle.x) * (y - middle.y))) / spread;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;

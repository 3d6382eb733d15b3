/** What many measurements of one thing come to. A mean would hide the few slow ones, and one outlier would move it. */

/** @param {readonly number[]} values @param {number} share from 0 to 1 @returns {number} the nearest rank: the smallest value that this share of all does not exceed */
export function quantile(values, share) {
  if (values.length === 0) throw new Error('a quantile of no values: measure something first');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** The middle one, or the mean of the two in the middle. @param {readonly number[]} values @returns {number} */
export function median(values) {
  if (values.length % 2 === 1) return quantile(values, 0.5);
  return (quantile(values, 0.5) + quantile(values, 0.5 + 1 / values.length)) / 2;
}

/** The one object that every benchmark prints, and the same as a table for people. */

/**
 * @typedef {object} BenchResult
 * @property {string} bench
 * @property {Record<string, string | number>} machine
 * @property {Record<string, number>} figures each in the unit that its key ends with
 * @property {Record<string, number>} ratios
 * @property {Record<string, number>} exponents growth of time with size; 1 is linear
 * @property {Record<string, unknown>} peers
 */

/** One line of JSON, or a table. @param {BenchResult} result @param {{ json: boolean }} as @returns {string} */
export function printed(result, { json }) {
  if (json) return `${JSON.stringify(result)}\n`;
  const { bench, ...sections } = result;
  const filled = Object.entries(sections).filter(([, values]) => Object.keys(values).length > 0);
  return `${[bench, ...filled.map(([name, values]) => `\n${name}\n${rows(values)}`)].join('\n')}\n`;
}

/** @param {number} value @param {number} digits behind the point */
export function rounded(value, digits) {
  return Number(value.toFixed(digits));
}

function rows(values) {
  const width = Math.max(...Object.keys(values).map((name) => name.length));
  return Object.entries(values).map(([name, value]) => `  ${name.padEnd(width)}  ${typeof value === 'object' ? JSON.stringify(value) : value}`).join('\n');
}

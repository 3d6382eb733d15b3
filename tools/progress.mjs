/** One line for every phase that takes longer than a second, on stderr, so that stdout stays what a command was asked for. */

const PATIENCE = 1000;

/**
 * Runs the work; says what it is when it takes longer than a second, and how long it took when it is done.
 * @template T @param {string} label @param {() => T | Promise<T>} work @param {{ write(text: string): unknown }} [out]
 * @returns {Promise<T>}
 */
export async function phase(label, work, out = process.stderr) {
  const start = Date.now();
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    out.write(`${label} …`);
  }, PATIENCE);
  try {
    const result = await work();
    if (said) out.write(` ${seconds(Date.now() - start)}\n`);
    return result;
  } catch (error) {
    if (said) out.write(` failed after ${seconds(Date.now() - start)}\n`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : Math.round(milliseconds / 1000)} s`;
}

/** One line for every phase that takes longer than a second, on stderr, so that stdout stays what a command was asked for. */

const PATIENCE = 1000;
/** The phase whose unfinished line is the last thing that was written; phases may run side by side. */
let open;

/**
 * Runs the work; says what it is when it takes longer than a second, and how long it took when it is done.
 * @template T @param {string} label @param {() => T | Promise<T>} work
 * @param {{ out?: { write(text: string): unknown }, patience?: number }} [options]
 * @returns {Promise<T>}
 */
export async function phase(label, work, { out = process.stderr, patience = PATIENCE } = {}) {
  const start = Date.now();
  const self = {};
  let said = false;
  const begin = () => {
    if (open !== undefined) out.write('\n');
    open = self;
    out.write(`${label} …`);
    said = true;
  };
  const end = (text) => {
    if (!said) return;
    if (open !== self) begin();
    out.write(` ${text}${seconds(Date.now() - start)}\n`);
    open = undefined;
  };
  const timer = setTimeout(begin, patience);
  try {
    const result = await work();
    end('');
    return result;
  } catch (error) {
    end('failed after ');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A line of its own, also while a phase's line is open. @param {string} line */
export function say(line, out = process.stderr) {
  out.write(`${open === undefined ? '' : '\n'}${line}\n`);
  open = undefined;
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : Math.round(milliseconds / 1000)} s`;
}

/** What must be ended, the latest first, also when a person ends us. */

/** @type {(() => unknown)[]} */
const endings = [];
let ending;

/** @param {() => unknown} end */
export const atTheEnd = (end) => void endings.push(end);

/** Ends everything once; who asks again waits for the same. */
export function endEverything() {
  ending ??= (async () => {
    while (endings.length > 0) {
      try {
        await endings.pop()();
      } catch (error) {
        process.stderr.write(`while ending: ${error.message}\n`);
      }
    }
  })();
  return ending;
}

export const isEnding = () => ending !== undefined;

/** Ctrl-C, a closed terminal and a polite kill leave nothing running. */
export function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void endEverything().then(() => process.exit(130)));
  }
}

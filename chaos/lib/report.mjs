/** What chaos says: one line a fault, or one object. */

/** @typedef {{ name: string, attempts: number, recoverP50Ms: number | null, recoverMaxMs: number | null, lost: number, doubled: number }} FaultReport */

/** The smallest value that at least this share of the values does not exceed. @param {number[]} values @param {number} share @returns {number | null} */
export function percentile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]);
}

/** @param {{ recoveredMs?: number }[]} strikes */
export function recoveryOf(strikes) {
  const times = strikes.map(({ recoveredMs }) => recoveredMs).filter((ms) => ms !== undefined);
  return { attempts: strikes.length, recoverP50Ms: percentile(times, 0.5), recoverMaxMs: percentile(times, 1) };
}

const WIDTH = 44;
const time = (ms) => (ms === null ? '-' : `${(ms / 1000).toFixed(2)} s`);

/** @param {FaultReport} fault */
export function faultLine({ name, attempts, recoverP50Ms, recoverMaxMs, lost, doubled, note }) {
  const facts = `${String(attempts).padStart(6)} times   recovered p50 ${time(recoverP50Ms).padStart(7)}, max ${time(recoverMaxMs).padStart(7)}   lost ${lost}, doubled ${doubled}`;
  return `${name.padEnd(WIDTH)} ${facts}${note === undefined ? '' : `   ${note}`}`;
}

const IDS_SHOWN = 20;

/** Why it failed and how to see it again. @param {{ name: string, lost: string[], doubled: string[], seed: number, quick: boolean, attempts?: number }} failure */
export function failureText({ name, lost, doubled, seed, quick, attempts }) {
  const list = (what, ids) => ids.slice(0, IDS_SHOWN).map((id) => `  ${what}: ${id}`).concat(ids.length > IDS_SHOWN ? [`  … and ${ids.length - IDS_SHOWN} more ${what}`] : []);
  return [`${name}: lost ${lost.length}, doubled ${doubled.length}. To see it again: npm run -s chaos -- ${quick ? '--quick ' : ''}--only '${name}' --seed ${seed}${attempts === undefined ? '' : ` --attempts ${attempts}`}`, ...list('lost', lost), ...list('doubled', doubled)].join('\n');
}

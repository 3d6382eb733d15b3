/** Where a process spent its time, from the profile that `node --cpu-prof` writes. Self time: what was on top of the stack when the sampler looked. */

/** @typedef {{ nodes: { id: number, callFrame: { functionName: string, url: string, lineNumber: number }, children?: number[] }[], samples: number[], timeDeltas: number[] }} CpuProfile */

/** What Node does itself is charged to whoever had it done: a write to a socket says little, on whose behalf says what to change. Nothing to do is no work. */
const RESTING = new Set(['(idle)', '(root)', '(program)']);

/**
 * @param {CpuProfile} profile
 * @returns {{ busyMs: number, idleMs: number, functions: { name: string, where: string, selfMs: number, share: number }[], packages: { name: string, selfMs: number, share: number }[], callers: { name: string, where: string, selfMs: number, share: number }[] }} `packages` and `callers` hold what Node did for them; the longest first; shares of the busy time
 */
export function readCpuProfile({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  /** The nearest frame that is not Node's own; its own where nobody else is above. */
  const charged = new Map(nodes.map(({ id, callFrame }) => {
    for (let at = id; at !== undefined; at = parents.get(at)) if (!isNodes(frames.get(at))) return [id, frames.get(at)];
    return [id, callFrame];
  }));
  const callers = new Map();
  const functions = new Map();
  const packages = new Map();
  let busyMs = 0;
  let idleMs = 0;
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    // A sample lasts until the next one is taken.
    const ms = (timeDeltas[index + 1] ?? 0) / 1_000;
    if (RESTING.has(frame.functionName)) return void (idleMs += ms);
    busyMs += ms;
    add(functions, keyOf(frame), ms);
    add(packages, packageOf(charged.get(id)), ms);
    add(callers, keyOf(charged.get(id)), ms);
    return undefined;
  });
  const sorted = (times) => [...times].sort(([, a], [, b]) => b - a).map(([key, selfMs]) => ({ key, selfMs, share: selfMs / busyMs }));
  return {
    busyMs,
    idleMs,
    functions: sorted(functions).map(named),
    callers: sorted(callers).map(named),
    packages: sorted(packages).map(({ key, ...times }) => ({ name: key, ...times })),
  };
}

const keyOf = (frame) => `${frame.functionName || '(anonymous)'}\t${placeOf(frame)}`;
const named = ({ key, ...times }) => ({ name: key.split('\t')[0], where: key.split('\t')[1], ...times });
const isNodes = (frame) => frame.functionName !== '(garbage collector)' && /^(?:native|node:)/.test(placeOf(frame));

/** `pg/lib/client.js:560`, `libs/persistence/dist/run-ledger.js:12`: a package's own path, or the checkout's. */
function placeOf({ url, lineNumber }) {
  if (url === '') return 'native';
  const path = url.replace(/^file:\/\//, '');
  const within = path.lastIndexOf('/node_modules/');
  const short = within >= 0 ? path.slice(within + '/node_modules/'.length) : (/.*\/((?:apps|libs|bench|tools)\/.*)$/.exec(path)?.[1] ?? path);
  return `${short}:${lineNumber + 1}`;
}

function packageOf(frame) {
  if (frame.functionName === '(garbage collector)') return 'garbage collector';
  const place = placeOf(frame);
  if (place === 'native' || place.startsWith('node:')) return 'node';
  const parts = place.split('/');
  return place.startsWith('@') || /^(?:apps|libs|bench|tools)$/.test(parts[0]) ? parts.slice(0, 2).join('/') : parts[0];
}

function add(times, key, ms) {
  times.set(key, (times.get(key) ?? 0) + ms);
}

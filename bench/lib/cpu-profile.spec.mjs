import { expect, it } from '@jest/globals';
import { readCpuProfile } from './cpu-profile.mjs';

const frame = (id, functionName, url = '', lineNumber = 0, children = []) => ({ id, callFrame: { functionName, url, lineNumber }, children });
const profile = {
  nodes: [
    frame(1, '(idle)'),
    frame(2, 'parse', 'file:///home/me/carillon/node_modules/@nats-io/core/lib/parser.js', 9),
    frame(3, 'settleStep', 'file:///home/me/bench/libs/persistence/dist/step-ledger.js', 41, [6]),
    frame(6, 'writev', 'node:net', 9),
    frame(4, '', 'node:internal/timers', 2),
    frame(5, '(garbage collector)'),
  ],
  samples: [1, 2, 3, 2, 4, 5, 1],
  timeDeltas: [0, 4_000, 1_000, 2_000, 3_000, 500, 500],
};

it('a sample counts until the next one, and idle time is no work', () => {
  const { busyMs, idleMs, functions } = readCpuProfile(profile);
  expect([busyMs, idleMs]).toEqual([7, 4]);
  expect(functions.slice(0, 2)).toEqual([
    { name: 'parse', where: '@nats-io/core/lib/parser.js:10', selfMs: 4, share: 4 / 7 },
    { name: 'settleStep', where: 'libs/persistence/dist/step-ledger.js:42', selfMs: 2, share: 2 / 7 },
  ]);
});

it('what Node does is charged to whoever had it done', () => {
  const { packages, callers, functions } = readCpuProfile({ ...profile, samples: [6, 4, 4], timeDeltas: [0, 8_000, 1_000] });
  expect(packages.map(({ name, selfMs }) => [name, selfMs])).toEqual([['libs/persistence', 8], ['node', 1]]);
  expect(callers[0]).toMatchObject({ name: 'settleStep', selfMs: 8 });
  expect(functions[0]).toMatchObject({ name: 'writev', selfMs: 8 });
});

it('time is summed by package, and by room of the house', () => {
  expect(readCpuProfile(profile).packages.map(({ name, selfMs }) => [name, selfMs])).toEqual([['@nats-io/core', 4], ['libs/persistence', 2], ['node', 0.5], ['garbage collector', 0.5]]);
});

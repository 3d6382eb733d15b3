import { expect, it } from '@jest/globals';
import { cpuSecondsOf, familyTicks, parseStat } from './cpu-time.mjs';

const line = (name, parent, [user, system, childrenUser, childrenSystem]) => `77 (${name}) S ${parent} 77 77 0 -1 4194304 100 0 0 0 ${user} ${system} ${childrenUser} ${childrenSystem} 20 0 1 0 5 6 7`;

it('reads the times of a process, whatever its name', () => {
  expect(parseStat(line('postgres: a) (b c', 7, [1, 2, 3, 4]))).toEqual({ parent: 7, own: 3, reaped: 7 });
});

it('sums a family, and those of it that ended', () => {
  const processes = new Map([[1, { parent: 0, own: 1_000, reaped: 0 }], [7, { parent: 1, own: 10, reaped: 5 }], [8, { parent: 7, own: 20, reaped: 0 }], [9, { parent: 8, own: 40, reaped: 1 }], [10, undefined]]);
  expect([familyTicks(processes, 7), familyTicks(processes, 99)]).toEqual([76, 0]);
});

it('this process has cost something', () => {
  const seconds = cpuSecondsOf(process.pid);
  expect(process.platform === 'linux' ? seconds > 0 : Number.isNaN(seconds)).toBe(true);
});

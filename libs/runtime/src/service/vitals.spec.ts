import { afterEach, expect, it } from '@jest/globals';
import { Vitals } from './vitals.js';

let vitals: Vitals;
afterEach(() => vitals.end());

/** What a regular expression gone wrong does. */
function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('an event loop that stood still is noticed by whoever asks next, and remembered for a minute', async () => {
  vitals = new Vitals();
  vitals.start();
  expect(vitals.signs().blockedMs).toBe(0);
  block(2_300);
  // Nothing else had a turn yet: this is the probe that waited behind the block.
  expect(vitals.signs().blockedMs).toBeGreaterThanOrEqual(1_000);
  // Timers have their turn between two immediates.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const late = performance.now();
  vitals.end();
  expect(vitals.signs(late + 30_000).blockedMs).toBeGreaterThanOrEqual(1_000);
  expect(vitals.signs(late + 70_000).blockedMs).toBe(0);
});

it('each loop says by how much it is overdue', () => {
  vitals = new Vitals();
  vitals.watch({ name: 'drum', overdueMs: () => 12.3, failingMs: () => 0 });
  vitals.watch({ name: 'relay', overdueMs: () => 0, failingMs: () => 4_000 });
  expect(vitals.signs()).toEqual({ blockedMs: 0, loops: { drum: 12, relay: 0 }, failing: { drum: 0, relay: 4_000 } });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const main = join(import.meta.dirname, 'main.mjs');

/**
 * A check that never failed proves nothing: here the harmed steps write their rows outside of their transaction. Of the first ten points two lie between such a row and the
 * commit, so that something is doubled whatever the machine makes of it; a kill at a random instant may miss.
 */
it('chaos fails with the ids and the seed when effects are doubled', async () => {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  const args = [main, '--quick', '--only', 'kill at a named crash point', '--attempts', '10', '--seed', '4242', '--json'];
  const { code, stdout, stderr } = await new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...env, CHAOS_SABOTAGE: 'effects' } }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/--only 'kill at a named crash point' --seed 4242 --attempts 10\n(.*\n)*? {2}doubled: effect of run and step [0-9a-f-]{36} (first|third)/) });
  const [fault] = JSON.parse(stdout).faults;
  expect(fault).toMatchObject({ name: 'kill at a named crash point', lost: 0 });
  expect(fault.doubled).toBeGreaterThan(0);
}, 360_000);

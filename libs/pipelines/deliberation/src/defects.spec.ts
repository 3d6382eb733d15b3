import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../../../..');
const rows = readFileSync(resolve(root, 'docs/defects.md'), 'utf8').split('\n').flatMap((line) => {
  const [, number, wanted, held] = /^\| (\d+) \| (.+?) \| (.+) \|$/.exec(line) ?? [];
  return number === undefined ? [] : [{ number: Number(number), wanted: wanted ?? '', held: held ?? '' }];
});

it('each of the 31 defects has its line', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 31 }, (_, index) => index + 1));
});

it.each(rows.filter(({ held }) => !held.startsWith('—')).map(({ number, wanted, held }) => [number, wanted, held] as const))('defect %i: %s', (_number, _wanted, held) => {
  const specs = [...held.matchAll(/`([^`]+)`: "([^"]+)"/g)].map(([, file, title]) => ({ path: resolve(root, /^(?:libs|apps)\//.test(file ?? '') ? '.' : 'libs/pipelines/deliberation/src', file ?? ''), title: title ?? '' }));
  expect(specs.length).toBeGreaterThan(0);
  for (const { path, title } of specs) {
    expect([path, existsSync(path)]).toEqual([path, true]);
    expect(readFileSync(path, 'utf8')).toContain(title);
  }
});

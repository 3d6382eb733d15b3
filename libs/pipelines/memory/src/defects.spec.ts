/** The table of docs/defects.md names specs that are there: a defect that lost its spec would come back unseen. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../../../..');
const rows = readFileSync(resolve(root, 'docs/defects.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, name, held] = /^\| ([SDNTW]\d+) \| .+? \| (.+) \|$/.exec(line) ?? [];
    return name === undefined || held === undefined ? [] : [{ name, held }];
  });

it('each of the 13 defects of the scheduler has its line, and no line is there twice', () => {
  const names = rows.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('S'))).toEqual(Array.from({ length: 13 }, (_, index) => `S${index + 1}`));
  expect(new Set(names).size).toBe(names.length);
});

it.each(rows.filter(({ held }) => !held.startsWith('—')).map(({ name, held }) => [name, held] as const))('defect %s is held by %s', (_name, held) => {
  const specs = [...held.matchAll(/`([^`]+)`: "([^"]+)"/g)].map(([, file = '', title = '']) => ({ path: resolve(root, /^(?:libs|apps)\//.test(file) ? '.' : 'libs/pipelines/memory/src', file), title }));
  expect(specs.length).toBeGreaterThan(0);
  for (const { path, title } of specs) {
    expect([path, existsSync(path)]).toEqual([path, true]);
    expect(readFileSync(path, 'utf8')).toContain(title);
  }
});

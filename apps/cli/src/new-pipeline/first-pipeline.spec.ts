/** docs/first-pipeline.md shows what `new pipeline` makes, and code that compiles. */
import { expect, it } from '@jest/globals';
import { compilerSays } from '@carillon/testing';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { namesOf } from './names.js';
import { REGISTRATIONS } from './register.js';
import { renderPipeline } from './template.js';

const root = resolve(import.meta.dirname, '../../../..');
const page = readFileSync(resolve(root, 'docs/first-pipeline.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code);
const shown = blocks.flatMap((code) => {
  const [, path, text] = /^\/\/ (src\/\S+)\n([^]*)$/.exec(code) ?? [];
  return path === undefined || text === undefined ? [] : [{ path, text }];
});
const programs = blocks.filter((code) => !code.startsWith('// src/'));

it.each(shown)('shows $path as it is made', ({ path, text }) => {
  expect(renderPipeline({ names: namesOf('disk-watch'), store: false, timestamp: 0 }).get(path)).toContain(text);
});

it('shows code that compiles', async () => {
  const said = await compilerSays(resolve(root, 'libs/harness/src'), new Map(programs.map((code) => [code, code])));
  expect([...said.values()]).toEqual(programs.map(() => []));
});

it('shows enough, and every file that is to be changed', () => {
  expect([shown.length, programs.length]).toEqual([4, 3]);
  for (const { file } of REGISTRATIONS) expect(page).toContain(`\`${file}\``);
});

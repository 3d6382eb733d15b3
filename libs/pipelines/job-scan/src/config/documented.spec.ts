import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';

const page = readFileSync(resolve(import.meta.dirname, '../../../../../docs/job-scan.md'), 'utf8');
const readers = readdirSync(import.meta.dirname).filter((name) => /^read-.*(?<!\.spec)\.ts$/.test(name)).map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));

it('every key that the configuration may have stands on its page', () => {
  const keys = [...new Set(readers.flatMap((text) => [...text.matchAll(/\.(?:string|boolean|integer|number|duration|choice|choices|strings|groups|section|sections|has)\('(\w+)'/g)].map(([, key = '']) => key)))];
  expect(keys.length).toBeGreaterThan(40);
  expect(keys.filter((key) => !new RegExp(`\`[^\`\\n]*\\b${key}\\b[^\`\\n]*\``).test(page))).toEqual([]);
});

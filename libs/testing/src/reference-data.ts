/**
 * Real data that lives beside the checkout, not in it. Tests that want it ask here, and say so when they go without.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from '@jest/globals';

const folder = process.env['CARILLON_REFERENCE_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data');

/** The absolute path of a reference file such as `hdbscan/iris.csv`, or undefined when it is not here (said on stderr). */
export function referenceData(name: string): string | undefined {
  const path = resolve(folder, name);
  if (existsSync(path)) return path;
  process.stderr.write(`reference data ${name} is not in ${folder} (set CARILLON_REFERENCE_DATA): tests that need it are skipped\n`);
  return undefined;
}

/** `it` where the reference file is present, a named skip where it is not. */
export function itWithReference(name: string): typeof it | typeof it.skip {
  return referenceData(name) === undefined ? it.skip : it;
}

/**
 * Real data that lives beside the checkout, not in it. Tests that want it ask here, and say so when they go without.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { it } from '@jest/globals';

/** The folder that the environment names, or every folder called `data` one level below what lies beside the checkout. */
const folders = process.env['CARILLON_REFERENCE_DATA'] ? [process.env['CARILLON_REFERENCE_DATA']] : dataBeside(resolve(import.meta.dirname, '../../..'));

/** The absolute path of a reference file such as `hdbscan/iris.csv`, or undefined when it is not here (said on stderr). */
export function referenceData(name: string): string | undefined {
  const path = folders.map((folder) => resolve(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) process.stderr.write(`reference data ${name} is not here (CARILLON_REFERENCE_DATA names its folder): tests that need it are skipped\n`);
  return path;
}

/** `it` where the reference file is present, a named skip where it is not. */
export function itWithReference(name: string): typeof it | typeof it.skip {
  return referenceData(name) === undefined ? it.skip : it;
}

function dataBeside(checkout: string): string[] {
  const neighbourhood = dirname(checkout);
  return readdirSync(neighbourhood).map((neighbour) => resolve(neighbourhood, neighbour, 'data'));
}

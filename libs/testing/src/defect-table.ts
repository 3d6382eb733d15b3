/** docs/defects.md names a spec for each defect of what a pipeline follows. A defect that lost its spec would come back unseen, so each pipeline holds its table to its specs. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

export interface Defect {
  name: string;
  wanted: string;
  /** Specs, or after a dash why there is nothing to hold. */
  held: string;
}

/** @param name of the first column, as a source of a regular expression */
export function defectTable(name: string): Defect[] {
  const row = new RegExp(`^\\| (${name}) \\| (.+?) \\| (.+) \\|$`);
  return readFileSync(resolve(root, 'docs/defects.md'), 'utf8').split('\n').flatMap((line) => {
    const [, found, wanted = '', held = ''] = row.exec(line) ?? [];
    return found === undefined ? [] : [{ name: found, wanted, held }];
  });
}

/** The specs that a defect is held by, and which of them are not there. @param folder of those that are not named from the root */
export function specsOf({ held }: Pick<Defect, 'held'>, folder: string): { title: string; missing: boolean }[] {
  return [...held.matchAll(/`([^`]+)`: "([^"]+)"/g)].map(([, file = '', title = '']) => {
    const path = resolve(root, /^(?:libs|apps|e2e)\//.test(file) ? '.' : folder, file);
    return { title: `${file}: ${title}`, missing: !existsSync(path) || !readFileSync(path, 'utf8').includes(title) };
  });
}

/** Those for which there is something to hold. */
export const heldDefects = (defects: readonly Defect[]): Defect[] => defects.filter(({ held }) => !held.startsWith('—'));

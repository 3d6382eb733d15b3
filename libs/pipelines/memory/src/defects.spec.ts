import { expect, it } from '@jest/globals';
import { defectTable, heldDefects, specsOf } from '@carillon/testing';

const defects = defectTable('[SDNTW]\\d+');

it('each of the 13 defects of the scheduler has its line, and no line is there twice', () => {
  const names = defects.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('S'))).toEqual(Array.from({ length: 13 }, (_, index) => `S${index + 1}`));
  expect(new Set(names).size).toBe(names.length);
});

it.each(heldDefects(defects))('defect $name is held by $held', (defect) => {
  const specs = specsOf(defect, 'libs/pipelines/memory/src');
  expect(specs.length).toBeGreaterThan(0);
  expect(specs.filter(({ missing }) => missing)).toEqual([]);
});

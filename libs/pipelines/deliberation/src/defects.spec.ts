import { expect, it } from '@jest/globals';
import { defectTable, heldDefects, specsOf } from '@carillon/testing';

const defects = defectTable('\\d+');

it('each of the 31 defects has its line', () => {
  expect(defects.map(({ name }) => Number(name))).toEqual(Array.from({ length: 31 }, (_, index) => index + 1));
});

it.each(heldDefects(defects))('defect $name: $wanted', (defect) => {
  const specs = specsOf(defect, 'libs/pipelines/deliberation/src');
  expect(specs.length).toBeGreaterThan(0);
  expect(specs.filter(({ missing }) => missing)).toEqual([]);
});

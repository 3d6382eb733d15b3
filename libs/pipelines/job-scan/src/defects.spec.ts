import { expect, it } from '@jest/globals';
import { defectTable, heldDefects, specsOf } from '@carillon/testing';

const defects = defectTable('J\\d+');

it('each of the 18 defects has its line', () => {
  expect(defects.map(({ name }) => name)).toEqual(Array.from({ length: 18 }, (_, index) => `J${index + 1}`));
});

it.each(heldDefects(defects))('defect $name is held by $held', (defect) => {
  const specs = specsOf(defect, 'libs/pipelines/job-scan/src');
  expect(specs.length).toBeGreaterThan(0);
  expect(specs.filter(({ missing }) => missing)).toEqual([]);
});

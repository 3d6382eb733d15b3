import { expect, it } from '@jest/globals';
import { defectTable, heldDefects, specsOf } from '@carillon/testing';

const defects = defectTable('J\\d+');

it('each of the 18 defects has its line', () => {
  expect(defects.map(({ name }) => name)).toEqual(Array.from({ length: 18 }, (_, index) => `J${index + 1}`));
});

/** What its requirement wants tested, by the requirement's own names. */
const wanted = defectTable('Q\\d+');

it('each test that the requirement names has its line', () => {
  expect(wanted.map(({ name }) => name)).toEqual(Array.from({ length: wanted.length }, (_, index) => `Q${index + 1}`));
  const named = new Set(wanted.flatMap(({ wanted: what }) => /^`(test_\w+)`/.exec(what)?.[1] ?? []));
  expect([...named].sort()).toEqual(['test_main', 'test_pipeline', 'test_pipeline_notifications', 'test_scheduler']);
});

it.each(heldDefects([...defects, ...wanted]))('$name is held by $held', (defect) => {
  const specs = specsOf(defect, 'libs/pipelines/job-scan/src');
  expect(specs.length).toBeGreaterThan(0);
  expect(specs.filter(({ missing }) => missing)).toEqual([]);
});

import { expect, it } from '@jest/globals';
import { defectTable, specsOf } from '@carillon/testing';

const complaints = defectTable('E\\d+');

it('each of the 22 complaints about other schedulers has its line', () => {
  expect(complaints.map(({ name }) => name)).toEqual(Array.from({ length: 22 }, (_, index) => `E${index + 1}`));
});

it.each(complaints)('$name: $wanted', (complaint) => {
  const specs = specsOf(complaint, '.');
  expect(specs.length).toBeGreaterThan(0);
  expect(specs.filter(({ missing }) => missing)).toEqual([]);
});

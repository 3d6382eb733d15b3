import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJson } from './json-answer.js';

describe('finding the JSON in an answer', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['```\n{"a":1}\n```', { a: 1 }],
    ['```JSON\n[{"a":1}]```', { a: 1 }],
    ['Here:\n```json\n{"a":"}"}\n```\nBye', { a: '}' }],
    ['The set {x} is not it, {"a":{"b":[1,2]}} is', { a: { b: [1, 2] } }],
    ['see [1] and [2]: {"a":"say \\"{\\""}', { a: 'say "{"' }],
    ['outer {not json {"a":1}', { a: 1 }],
    ['"just a string"', undefined],
    ['[1,2]', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['{"a":', undefined],
    ['', undefined],
  ])('takes the object in %j', (answer, expected) => {
    expect(findJson(answer, 'object')).toEqual(expected);
  });

  it.each([
    ['[1,2]', [1, 2]],
    ['The options {two} are: [{"label":"a"},{"label":"b"}].', [{ label: 'a' }, { label: 'b' }]],
    ['{"a":1}', undefined],
  ])('takes the array in %j', (answer, expected) => {
    expect(findJson(answer, 'array')).toEqual(expected);
  });

  it('finds any object again between any prose without brackets', () => {
    const prose = fc.string().map((text) => text.replace(/[{}[\]"`]/g, ''));
    fc.assert(
      fc.property(prose, fc.dictionary(fc.string(), fc.jsonValue()), prose, (before, value, after) => {
        const sent = JSON.stringify(value);
        expect(findJson(`${before}${sent}${after}`, 'object')).toEqual(JSON.parse(sent));
      }),
    );
  });

  it('gives up on brackets without end', () => {
    expect(findJson('{'.repeat(200_000), 'object')).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentHash, jobKey, oneSpaced } from './job-key.js';

describe('the vectors of the reference', () => {
  it('a key knows no case but that of the external id', () => {
    expect(jobKey('Greenhouse', ' ExampleCorp ', ' 12345 ')).toBe('78488f1eb9654d72dd7886b218972aac9ad94ec404bd51cfb10a0247772707d4');
    expect(jobKey('greenhouse', 'examplecorp', 'aB')).not.toBe(jobKey('greenhouse', 'examplecorp', 'ab'));
  });

  it.each([
    ['Senior  Engineer\n', 'We  need\tPython ', 'Remote', '04d2a4868c064c4838bad54ef65b023e61a4afdfac2a9851277c966a6d0d8c55'],
    ['Senior Engineer', 'We need Python', null, '3d31db27a3cdc42fb2e7bfc8093e4c47ad58eabb6a382f939dabc0a67158257a'],
  ])('the hash of %j, %j, %j', (title, description, location, hash) => expect(contentHash({ title, description, location })).toBe(hash));

  it('blanks and case make no other text', () => {
    expect(contentHash({ title: 'SENIOR engineer', description: 'we need\n\npython', location: ' remote' })).toBe(contentHash({ title: 'Senior  Engineer', description: 'We need Python', location: 'Remote' }));
  });
});

it('types do not share keys: a Greenhouse and a Lever board of one name are two (defect 16)', () => expect(jobKey('greenhouse', 'acme', '1')).not.toBe(jobKey('lever', 'acme', '1')));

it('any run of blanks is one space, whatever it is made of', () => {
  const blanks = fc.array(fc.constantFrom(' ', ' ', '\t', '\n', '\u00a0', '\u2028', 'a', '😀'), { maxLength: 30 }).map((characters) => characters.join(''));
  fc.assert(fc.property(blanks, (text) => oneSpaced(text) === text.replaceAll(/\s+/g, ' ')));
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UndecodableMessage } from './errors.js';
import { decodeMessage, encodePayload } from './payload.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a payload', () => {
  it('comes back as it was sent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as object;
        expect(decodeMessage(bytes(String(encodePayload(value))))).toEqual(json);
      }),
    );
  });

  it('may be empty, which counts as an empty object', () => {
    expect(decodeMessage(new Uint8Array())).toEqual({});
  });

  it.each([
    ['half a JSON', bytes('{"a":'), /not JSON/],
    ['prose', bytes('run please'), /not JSON/],
    ['an array', bytes('[1]'), /not an array/],
    ['null', bytes('null'), /not null/],
    ['a number', bytes('7'), /not a number/],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /broken UTF-8/],
    ['a NUL byte', bytes('{"a":"\0"}'), /NUL/],
    ['an escaped NUL', bytes('{"a":{"b":["x\\u0000"]}}'), /field "0" holds a NUL/],
    ['an escaped NUL in a name', bytes('{"a\\u0000":1}'), /holds a NUL/],
    ['half a surrogate pair', bytes('{"text":"\\ud83d"}'), /field "text" holds/],
    ['depth without end', bytes(`{"a":${'['.repeat(200_000)}"\\u0000"${']'.repeat(200_000)}}`), /holds a NUL|not JSON/],
  ])('%s is refused in words', (_name, payload, message) => {
    expect(() => decodeMessage(payload)).toThrow(UndecodableMessage);
    expect(() => decodeMessage(payload)).toThrow(message);
  });

  it('lets whole surrogate pairs and an escaped backslash pass', () => {
    expect(decodeMessage(bytes('{"a":"\\ud83d\\ude00","b":"\\\\u0000"}'))).toEqual({ a: '😀', b: '\\u0000' });
  });
});

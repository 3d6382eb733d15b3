import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { NotCanonicalError } from './errors.js';

/** RFC 8785, appendix B: the bits of a double, and its text. */
const RFC_NUMBERS: [bits: string, text: string][] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['433fffffffffffff', '9007199254740991'],
  ['c33fffffffffffff', '-9007199254740991'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
];

/** The rest of that appendix: doubles that other parsers read as integers with more digits, or that are no numbers. */
const RFC_NUMBERS_REFUSED = ['7fefffffffffffff', 'ffefffffffffffff', '4340000000000000', 'c340000000000000', '4430000000000000', '44b52d02c7e14af5', '44b52d02c7e14af6', '44b52d02c7e14af7', '444b1ae4d6e2ef4e', '444b1ae4d6e2ef4f', '444b1ae4d6e2ef50', '7fffffffffffffff', '7ff0000000000000'];

describe('canonical JSON', () => {
  it.each(RFC_NUMBERS)('writes the double %s as %s', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it.each(RFC_NUMBERS_REFUSED)('refuses the double %s, which languages read differently', (bits) => {
    expect(() => canonicalJson([double(bits)])).toThrow(NotCanonicalError);
  });

  it('writes the strings and literals of RFC 8785, section 3.2.2', () => {
    const input: unknown = JSON.parse(String.raw`{"numbers":[333333333.33333329,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`);
    expect(canonicalJson(input)).toBe(String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`);
  });

  it('sorts keys by UTF-16 code units, as in RFC 8785, section 3.2.3', () => {
    const input = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew Letter Dalet With Dagesh', '1': 'One', '\ud83d\ude00': 'Emoji: Grinning Face', '\u0080': 'Control', '\u00f6': 'Latin Small Letter O With Diaeresis' };
    const order = ['Carriage Return', 'One', 'Control', 'Latin Small Letter O With Diaeresis', 'Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet With Dagesh'];
    const text = canonicalJson(input);
    const places = order.map((name) => text.indexOf(name));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('gives what Python and Postgres spell differently one text', () => {
    const fromPython: unknown = JSON.parse('{"share": 5.0, "epsilon": 1e-07, "zero": -0.0}');
    const fromPostgres: unknown = JSON.parse('{"zero": 0, "share": 5, "epsilon": 0.0000001}');
    expect(canonicalJson(fromPython)).toBe('{"epsilon":1e-7,"share":5,"zero":0}');
    expect(canonicalJson(fromPostgres)).toBe(canonicalJson(fromPython));
  });

  it.each([
    ['NaN', { a: [1, Number.NaN] }, '$.a[1]'],
    ['Infinity', { a: -Infinity }, '$.a'],
    ['undefined', { votes: [{ share: undefined }] }, '$.votes[0].share'],
    ['undefined', undefined, '$'],
    ['a hole', { a: new Array<string>(1) }, '$.a[0]'],
    ['bigint', { a: 1n }, '$.a'],
    ['a function', { a: () => 1 }, '$.a'],
    ['a Date', { 'due at': new Date(0) }, '$["due at"]'],
    ['a Map', [new Map()], '$[0]'],
    ['a Buffer', { a: Buffer.from('x') }, '$.a'],
    ['half of a pair', { text: 'ab\ud83d' }, '$.text'],
    ['half of a pair in a key', { '\udc00': 1 }, '$["\\udc00"]'],
    ['2^53', { count: 2 ** 53 }, '$.count'],
    ['−2^53', { count: -(2 ** 53) }, '$.count'],
  ])('refuses %s and says where', (_, value, path) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ name: 'NotCanonicalError', path }));
  });

  it('refuses a cycle instead of overflowing', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = { cycle };
    expect(() => canonicalJson(cycle)).toThrow(/circular/);
  });

  it('takes plain objects of another realm', () => {
    expect(canonicalJson(runInNewContext('({ b: [1], a: Object.create(null) })'))).toBe('{"a":{},"b":[1]}');
  });

  it('does not depend on the order in which keys were written', () => {
    fc.assert(fc.property(portable(), (value) => expect(canonicalJson(withKeysReversed(value))).toBe(canonicalJson(value))));
  });

  it('loses nothing: parsing the text gives the value back, and its text again', () => {
    fc.assert(
      fc.property(portable(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

function double(bits: string): number {
  return Buffer.from(bits, 'hex').readDoubleBE();
}

/** JSON values within the library's number range. */
function portable(): fc.Arbitrary<unknown> {
  return fc.jsonValue({ stringUnit: 'binary' }).filter((value) => !/\d{16}|e\+/.test(JSON.stringify(value)));
}

function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, child]) => [key, withKeysReversed(child)]));
}

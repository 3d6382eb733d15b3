/**
 * One text for one value, whoever writes it. A hash is only worth something if a stranger, in another language and years later, gets the
 * same bytes from the same payload; so values whose text differs between languages are refused before they are hashed, not after.
 */
import canonicalize from 'canonicalize';
import { NotCanonicalError } from './errors.js';

/** What an evidence payload may hold. Numbers are finite, and whole numbers lie within ±(2^53 − 1). */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Deeper nesting is a mistake or a cycle, and would overflow the stack of this or another verifier. */
const MAX_DEPTH = 128;

/**
 * RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units at every level, no spaces, non-ASCII kept literal, numbers as
 * ECMAScript prints them (5.0 is `5`, 1e-07 is `1e-7`, −0 is `0`).
 *
 * Narrower than the RFC in one point: whole numbers beyond ±(2^53 − 1) are refused, since parsers with integers keep digits of them that
 * a double loses. Carry those as strings.
 *
 * @throws NotCanonicalError naming the JSON path of the first value that is not JSON data: NaN, infinities, undefined, bigint, functions,
 *   symbols, instances of classes (also Date: pass its ISO text), lone surrogates, unsafe whole numbers, nesting beyond 128 levels
 */
export function canonicalJson(value: unknown): string {
  refuseUnportable(value, '$', 0);
  return canonicalize(value) as string;
}

function refuseUnportable(value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case 'boolean':
      return;
    case 'string':
      return refuseLoneSurrogate(value, path);
    case 'number':
      return refuseUnportableNumber(value, path);
    case 'object':
      return value === null ? undefined : refuseUnportableChildren(value, path, depth);
    case 'undefined':
      throw new NotCanonicalError(path, 'undefined is not JSON', 'leave the key out, or write null');
    case 'bigint':
      throw new NotCanonicalError(path, `${value}n is a bigint`, 'write it as a string');
    default:
      throw new NotCanonicalError(path, `a ${typeof value} is not JSON`, 'pass plain data');
  }
}

function refuseLoneSurrogate(text: string, path: string): void {
  // With the u flag a pair is one code point, so this finds only halves. UTF-8 has no bytes for a half: encoders replace it, and two texts would share a hash.
  const at = text.search(/\p{Surrogate}/u);
  if (at >= 0) throw new NotCanonicalError(path, `half of a surrogate pair at character ${at}`, 'repair the text with toWellFormed() before it becomes evidence');
}

function refuseUnportableNumber(number: number, path: string): void {
  if (!Number.isFinite(number)) throw new NotCanonicalError(path, `${number} is not JSON`, 'write null, or say it in a string');
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw new NotCanonicalError(path, `${number} is a whole number beyond 2^53 − 1, which a double can not tell from its neighbours`, 'write it as a string');
  }
}

function refuseUnportableChildren(value: object, path: string, depth: number): void {
  if (depth >= MAX_DEPTH) throw new NotCanonicalError(path, `nested deeper than ${MAX_DEPTH} levels, or circular`, 'flatten it');
  if (Array.isArray(value)) {
    // By index, not forEach: a hole in a sparse array must be seen.
    for (let index = 0; index < value.length; index++) refuseUnportable(value[index], `${path}[${index}]`, depth + 1);
    return;
  }
  if (!isPlainObject(value)) throw new NotCanonicalError(path, `an instance of ${value.constructor?.name ?? 'a class'} is not plain data`, 'convert it first, a Date with toISOString()');
  for (const [key, child] of Object.entries(value)) {
    const childPath = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    refuseLoneSurrogate(key, childPath);
    refuseUnportable(child, childPath, depth + 1);
  }
}

/** By the prototype's prototype, not by identity: data from another realm (a vm context, a worker) has another Object.prototype. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Reads the JSON of strangers: every field may be absent, null, or something else than was documented. */
import { BadAnswer } from './errors.js';

export type Fields = Readonly<Record<string, unknown>>;

/** @throws BadAnswer when it is no object */
export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new BadAnswer(`${what} must be an object, and is ${kindOf(value)}`);
}

/** An object inside, or an empty one. */
export function inside(fields: Fields, ...path: readonly string[]): Fields {
  let found: unknown = fields;
  for (const key of path) found = typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Fields)[key] : undefined;
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Fields) : {};
}

/** Trimmed text, or a number as text; undefined for anything else and for nothing. */
export function textAt(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** @throws BadAnswer when it is missing */
export function neededText(fields: Fields, key: string): string {
  const text = textAt(fields, key);
  if (text === undefined) throw new BadAnswer(`${key} must be text, and is ${kindOf(fields[key])}`);
  return text;
}

export function numberAt(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function booleanAt(fields: Fields, key: string): boolean | undefined {
  const value = fields[key];
  return typeof value === 'boolean' ? value : undefined;
}

export function listAt(fields: Fields, key: string): unknown[] {
  const value = fields[key];
  return Array.isArray(value) ? value : [];
}

/** The objects of a list. */
export function objectsAt(fields: Fields, key: string): Fields[] {
  return listAt(fields, key).filter((item): item is Fields => typeof item === 'object' && item !== null && !Array.isArray(item));
}

/** ISO 8601 or RFC 822; without an offset in UTC; `2024-05-06 10:00:00 UTC` too. Null when it can not be read: that is no reason to lose a posting. */
export function timeOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?)?$/i.exec(text.trim());
  const normal = iso ? `${iso[1]}T${iso[2] ?? '00:00:00'}${!iso[3] || /^utc$/i.test(iso[3]) ? 'Z' : iso[3]}` : text;
  return dateOf(Date.parse(normal));
}

/** Milliseconds since 1970. */
export const epochOf = (milliseconds: number | undefined): Date | null => dateOf(milliseconds ?? Number.NaN);

/** What no calendar of ours holds is no time. */
function dateOf(milliseconds: number): Date | null {
  return milliseconds > 0 && milliseconds < 4_102_444_800_000 ? new Date(milliseconds) : null;
}

/** Those that are there, each once, joined. */
export function joined(parts: readonly (string | undefined)[], separator: string): string {
  return [...new Set(parts.filter((part) => part !== undefined && part !== ''))].join(separator);
}

export const present = (values: readonly (string | undefined)[]): string[] => [...new Set(values.filter((value) => value !== undefined))];

const kindOf = (value: unknown): string => (value === null ? 'null' : value === undefined ? 'missing' : Array.isArray(value) ? 'a list' : typeof value);

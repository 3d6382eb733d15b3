/**
 * Text that Postgres can keep. It refuses NUL in text, and NUL and half surrogate pairs in jsonb; an error message or a counted title may hold
 * either, and a record that can not be written would hide what happened.
 */

/** The text with U+FFFD in place of what can not be stored. */
export function storableText(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

/** The value as JSON for a jsonb column, its strings and names made storable. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Only an escape can carry such a character, and hardly any value has one.
  return /\\u(0000|d[89a-f])/i.test(json) ? JSON.stringify(cleaned(value)) : json;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [storableText(name), cleaned(part)]));
}

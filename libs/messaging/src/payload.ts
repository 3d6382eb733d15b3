/**
 * Bytes to message and back. Everything that reaches a handler is a JSON object whose strings Postgres can store: raw NULs, lone
 * surrogates and broken UTF-8 are refused here, once, instead of failing later in each store.
 */
import { isUtf8 } from 'node:buffer';
import { UndecodableMessage, messageOf } from './errors.js';

/** An object travels as JSON; text and bytes travel as they are. */
export type Payload = object | string | Uint8Array;

/** @throws UndecodableMessage that says what is wrong. An empty body counts as `{}`, so that a request can be made by hand. */
export function decodeMessage(bytes: Uint8Array): object {
  if (bytes.length === 0) return {};
  const text = textOf(bytes);
  if (text === undefined) throw new UndecodableMessage(`The payload is not text: broken UTF-8 or a NUL in its ${bytes.length} bytes. Send JSON in UTF-8.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UndecodableMessage(`The payload is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UndecodableMessage(`The payload must be a JSON object, not ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}.`);
  }
  // Only an escape can smuggle such a character past the check of the raw text.
  if (/\\u(0000|d[89a-f])/i.test(text)) refuseUnstorable(value);
  return value;
}

/** The payload as clean text, or undefined when only the bytes tell the truth. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes) || bytes.includes(0)) return undefined;
  return new TextDecoder().decode(bytes);
}

/** The text with U+FFFD in place of what Postgres can not hold. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

export function encodePayload(payload: Payload): string | Uint8Array {
  return typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
}

/** Walks without recursion: depth is the sender's choice and must not be able to exhaust our stack. */
function refuseUnstorable(root: object): void {
  const pending: object[] = [root];
  for (let value = pending.pop(); value; value = pending.pop()) {
    for (const [key, item] of Object.entries(value)) {
      for (const text of typeof item === 'string' ? [key, item] : [key]) {
        if (/\0|\p{Surrogate}/u.test(text)) throw new UndecodableMessage(`The field "${storable(key).slice(0, 100)}" holds a NUL or half a surrogate pair. Remove it or send U+FFFD in its place.`);
      }
      if (typeof item === 'object' && item !== null) pending.push(item);
    }
  }
}

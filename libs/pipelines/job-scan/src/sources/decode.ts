/** Bytes of an answer as what they say. Broken text is an error and not a posting full of question marks. */
import { TextDecoder } from 'node:util';
import { BadAnswer } from './errors.js';

export function parseJson(body: Uint8Array, place: string): unknown {
  const text = decode(body, 'utf-8', place);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new BadAnswer(`${place} answers with something else than JSON (${text.length} characters)`, { cause });
  }
}

/** Feeds name their encoding in the header or in their first line. */
export function feedText(body: Uint8Array, contentType: string, place: string): string {
  const head = Buffer.from(body.subarray(0, 200)).toString('latin1');
  const label = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? /^[^<]*<\?xml[^>]*encoding=["']([\w-]+)/i.exec(head)?.[1] ?? 'utf-8';
  return decode(body, label, place);
}

function decode(body: Uint8Array, label: string, place: string): string {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch (cause) {
    throw new BadAnswer(`${place} answers in the encoding "${label}", which nobody knows here`, { cause });
  }
  try {
    return decoder.decode(body);
  } catch (cause) {
    throw new BadAnswer(`${place} answers with bytes that are no ${label}`, { cause });
  }
}

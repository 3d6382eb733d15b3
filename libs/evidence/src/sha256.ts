/** The one digest of this library, so that no file can differ in encoding: UTF-8 in, lowercase hexadecimal out. */
import { createHash } from 'node:crypto';

/** SHA-256 (FIPS 180-4) over the UTF-8 bytes of `text`: 64 lowercase hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** True for what `sha256` returns; strangers' proofs and exports are checked with it. */
export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

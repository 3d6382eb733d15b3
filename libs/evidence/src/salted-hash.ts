/**
 * How a person appears in public evidence: as a hash that only the holder of its salt can tie to anyone.
 *
 * A plain hash of an e-mail address or a user id would hide nothing: both can be listed, hashed and compared. So every hash in every entry has a
 * fresh salt of 32 random bytes, kept in a table of its own and never exported: outsiders can neither test a guess nor see that two entries are
 * about the same person. Who holds a salt can show whom its entry is about. Deleting a person's salts unlinks the person from those entries for
 * good, while the chain, which only ever covered the hashes, still verifies.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { MalformedSaltError } from './errors.js';

const SALT_BYTES = 32;

/** HMAC-SHA-256 (RFC 2104) of the UTF-8 bytes of `value`, keyed with the salt's bytes: 64 lowercase hexadecimal digits. */
export function saltedHash(value: string, salt: string): string {
  // Buffer.from(…, 'hex') stops silently at the first other character: a wrong salt would become a short or an empty key.
  if (!/^[0-9a-f]{64}$/.test(salt)) throw new MalformedSaltError(salt.length);
  return createHmac('sha256', Buffer.from(salt, 'hex')).update(value, 'utf8').digest('hex');
}

/** A new salt: 32 random bytes as 64 lowercase hexadecimal digits. `bytes` gives them; the default is the system's secure source. */
export function newSalt(bytes: (size: number) => Uint8Array = randomBytes): string {
  return Buffer.from(bytes(SALT_BYTES)).toString('hex');
}

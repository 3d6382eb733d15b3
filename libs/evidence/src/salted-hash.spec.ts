import { describe, expect, it } from '@jest/globals';
import { MalformedSaltError } from './errors.js';
import { newSalt, saltedHash } from './salted-hash.js';

describe('salted hashes of private values', () => {
  it('is HMAC-SHA-256 keyed with the bytes of the salt, as openssl computes it', () => {
    // printf %s 'ada@example.org' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '0b%.0s' {1..32})
    expect(saltedHash('ada@example.org', '0b'.repeat(32))).toBe('0bcc15e8f10723d55710f79feb8e482d33025b948913a01f64e196304a5e4467');
  });

  it('shows the same person again under one salt, and nothing under another', () => {
    const [salt, other] = [newSalt(), newSalt()];
    expect(saltedHash('ada', salt)).toBe(saltedHash('ada', salt));
    expect(saltedHash('ada', salt)).not.toBe(saltedHash('bob', salt));
    expect(saltedHash('ada', salt)).not.toBe(saltedHash('ada', other));
  });

  it('takes its bytes from the caller when given', () => {
    expect(newSalt((size) => new Uint8Array(size).fill(0xa5))).toBe('a5'.repeat(32));
    expect(newSalt()).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['', 'a5', 'zz'.repeat(32), 'A5'.repeat(32)])('refuses the salt "%s", which would be a weak or empty key, without repeating it', (salt) => {
    expect(() => saltedHash('ada', salt)).toThrow(MalformedSaltError);
    if (salt !== '') expect(() => saltedHash('ada', salt)).not.toThrow(salt);
  });
});

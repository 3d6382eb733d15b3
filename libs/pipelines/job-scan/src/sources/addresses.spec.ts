import { describe, expect, it } from '@jest/globals';
import { checkHost, isPublicAddress, publicLookup } from './addresses.js';
import { retryAfterMs } from './retry-after.js';

describe('an address', () => {
  it.each(['8.8.8.8', '2001:4860:4860::8888', '[2606:4700::1111]'])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
  it.each(['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '[::ffff:10.0.0.1]', '64:ff9b::7f00:1', '2002:7f00:1::', 'localhost', ''])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('that is private is refused also where it is written, and where a name leads to it', async () => {
    expect(() => checkHost('169.254.169.254')).toThrow('169.254.169.254 is 169.254.169.254, which is not a public address');
    const error = await new Promise((resolve) => publicLookup('localhost', { all: true }, resolve));
    expect(String(error)).toMatch(/localhost is (?:127\.0\.0\.1|::1), which is not a public address: set advanced\.allow_private_addresses/);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-03-02T08:00:00Z');
  it.each([['120', 120_000], ['Mon, 02 Mar 2026 08:01:00 GMT', 60_000], ['Mon, 02 Mar 2026 07:00:00 GMT', 0], ['9999999999', 86_400_000], ['soon', undefined], [null, undefined]])('%j is %j ms', (header, milliseconds) => expect(retryAfterMs(header, now)).toBe(milliseconds));
});

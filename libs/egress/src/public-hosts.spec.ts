import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, PublicHosts } from './index.js';

describe('an address', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2001:4860:4860::8888', '2606:4700::1111', '::ffff:93.184.216.34'])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '64:ff9b::7f00:1', '2002:7f00:1::', 'localhost', ''],
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('a host', () => {
  class Refused extends Error {}
  const hosts = new PublicHosts((problem) => new Refused(`${problem}: ask elsewhere`));
  const found = (name: string, all: boolean): Promise<unknown> => new Promise((resolve) => hosts.lookup(name, { all }, (error, address) => resolve(error ?? address)));

  it.each(['127.0.0.1', '[::1]', '[::ffff:10.0.0.1]', '169.254.169.254', '2130706433'])('that is written as %s is refused, with the remedy of whoever asks', (host) => expect(() => hosts.assert(host)).toThrow(/which is not a public address: ask elsewhere$/));
  it.each(['8.8.8.8', '[2606:4700::1111]', 'example.org', 'localhost'])('that is written as %s is not', (host) => expect(() => hosts.assert(host)).not.toThrow());

  it.each([true, false])('that a name leads to is looked at before it is connected to (all: %s)', async (all) => {
    const error = await found('localhost', all);
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toMatch(/localhost is (?:127\.0\.0\.1|::1), which is not a public address: ask elsewhere$/);
  });

  it('that is public is answered as by the system', async () => {
    expect([await found('93.184.216.34', false), await found('93.184.216.34', true)]).toEqual(['93.184.216.34', [{ address: '93.184.216.34', family: 4 }]]);
  });

  it('without a name there is an error, not an address', async () => expect(await found('no-such-host.invalid', false)).toMatchObject({ syscall: 'getaddrinfo' }));
});

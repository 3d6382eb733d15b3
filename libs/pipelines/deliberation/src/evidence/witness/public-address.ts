/**
 * Where a request of ours may go. An operator names the witness, but its name is resolved by somebody else's DNS: without this check a witness could turn our requests on
 * the cloud's metadata service or the database's network. The address that was checked is the one that is connected to, so that a second answer of the DNS changes nothing.
 */
import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Answered = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Whether an address is one of the public internet; IPv4 addresses inside IPv6 ones are looked at as what they are. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** As the system's lookup, and answers an error when any of the addresses is not public: an honest name has no such address. */
export function lookupPublic(hostname: string, options: LookupOptions, answered: Answered): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return answered(error, []);
    const inside = addresses.find(({ address }) => !isPublicAddress(address));
    if (inside !== undefined) return answered(notPublic(hostname, inside.address), []);
    const [first] = addresses;
    return options.all === true || first === undefined ? answered(null, addresses) : answered(null, first.address, first.family);
  });
}

/** A host that is written as an address is never looked up, so it is checked by itself. @throws when it is an address, and not a public one */
export function assertPublicHost(hostname: string): void {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !isPublicAddress(bare)) throw notPublic(hostname, bare);
}

function notPublic(hostname: string, address: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} is ${address}, which is not a public address: name another witness, or set WITNESS_ALLOW_PRIVATE=true when yours is inside your network`), { code: 'ENOTPUBLIC' });
}

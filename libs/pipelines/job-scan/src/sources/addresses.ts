/**
 * Which addresses a board may have. A configuration names hosts, and whoever controls their DNS, or answers with a redirect, must not make us ask machines that only we can
 * reach. So every address is looked at when it has been resolved, at the moment of connecting.
 */
import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { ForbiddenAddress } from './errors.js';

/** Loopback, private, link-local, metadata services, multicast, documentation …: everything but unicast that anyone can reach. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (!ipaddr.isValid(bare)) return false;
  // An IPv4 address in IPv6 clothes is that IPv4 address; translated ones hide another address as well.
  return ipaddr.process(bare).range() === 'unicast';
}

/** A host that is written as an address is never looked up, so it is checked before. @throws ForbiddenAddress */
export function checkHost(hostname: string): void {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(bare) && !isPublicAddress(bare)) throw forbidden(hostname, bare);
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** In place of `dns.lookup`: answers public addresses only, and fails when there is none. */
export function publicLookup(hostname: string, options: LookupOptions, found: Found): void {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return found(error, [], 0);
    const allowed = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = allowed;
    if (!first) return found(forbidden(hostname, addresses[0]?.address ?? 'nothing'), [], 0);
    if (options.all === true) return found(null, allowed);
    return found(null, first.address, first.family);
  });
}

const forbidden = (hostname: string, address: string): ForbiddenAddress =>
  new ForbiddenAddress(`${hostname} is ${address}, which is not a public address: set advanced.allow_private_addresses if this board is really there`);

/**
 * Keeps requests out of our own network (SSRF). Operators name a host, but whoever controls its DNS, or answers with a redirect, decides where it is: without this check they could turn our
 * requests on the cloud's metadata service or the database's network. The address that was checked is the one that is connected to, so that a second answer of the DNS changes nothing.
 */
import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import ipaddr from 'ipaddr.js';

type Answered = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Whether anyone can reach an address: not loopback, private, link-local, multicast, documentation … An IPv4 address inside an IPv6 one is looked at as what it is; one that hides another by translation is none. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** The guard of one client. Both halves are needed: a host that is written as an address is never looked up. */
export class PublicHosts {
  /** @param refusal makes the error from the problem, with the remedy that this client has */
  constructor(private readonly refusal: (problem: string) => Error) {}

  /** @throws the refusal when the host is written as an address, and not a public one */
  readonly assert = (hostname: string): void => {
    const bare = hostname.replace(/^\[(.*)\]$/, '$1');
    if (ipaddr.isValid(bare) && !isPublicAddress(bare)) throw this.refused(hostname, bare);
  };

  /** In place of `dns.lookup`; answers the refusal when any of the addresses is not public: an honest name has no such address. */
  readonly lookup = (hostname: string, options: LookupOptions, answered: Answered): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return answered(error, []);
      const inside = addresses.find(({ address }) => !isPublicAddress(address));
      if (inside !== undefined) return answered(this.refused(hostname, inside.address), []);
      const [first] = addresses;
      return options.all === true || first === undefined ? answered(null, addresses) : answered(null, first.address, first.family);
    });
  };

  private refused(hostname: string, address: string): Error {
    return this.refusal(`${hostname} is ${address}, which is not a public address`);
  }
}

/** Who may have a sign-in link sent, by what was asked for before. Decided from counts; the address itself never decides, so that nobody learns who is known here. */

export interface SignupLimits {
  maxSignupsPerIpPerDay: number;
  maxSignupsPerDomainPerDay: number;
  signupDomainDiversityThreshold: number;
  maxSignInLinksPerHour: number;
  majorEmailProviders: readonly string[];
}

export interface SignupCounts {
  /** Requests from this address of the network in the last 24 hours, without this one. */
  ofIp: number;
  /** Other domains than this one that this address of the network asked for in the last 24 hours. */
  otherDomainsOfIp: number;
  /** New people of this domain in the last 24 hours, with links that still wait for them. */
  ofDomain: number;
  /** Links sent to this e-mail address in the last hour. */
  linksOfEmail: number;
  /** The address belongs to somebody already. */
  known: boolean;
}

export type SignupDecision =
  /** `flagged`: many domains from one place; noted, not refused. */
  | { kind: 'send'; flagged: boolean }
  /** Said aloud: it tells nothing about any address. */
  | { kind: 'too_many' }
  /** Answered like a link that was sent. */
  | { kind: 'silent'; reason: 'domain_limit' | 'recently_sent' };

/** In the documented order: domain, place, diversity. A person who is known already is no new signup of its domain. */
export function decideSignup(domain: string, counts: SignupCounts, limits: SignupLimits): SignupDecision {
  if (counts.ofIp >= limits.maxSignupsPerIpPerDay) return { kind: 'too_many' };
  if (counts.linksOfEmail >= limits.maxSignInLinksPerHour) return { kind: 'silent', reason: 'recently_sent' };
  if (!counts.known && !limits.majorEmailProviders.includes(domain) && counts.ofDomain >= limits.maxSignupsPerDomainPerDay) return { kind: 'silent', reason: 'domain_limit' };
  return { kind: 'send', flagged: counts.otherDomainsOfIp + 1 >= limits.signupDomainDiversityThreshold };
}

/** Lower case and without surrounding space; undefined when it is no address. Nothing is guessed about dots and plus signs: they are the provider's. */
export function normalEmail(text: string): string | undefined {
  const email = text.trim().toLowerCase();
  return email.length <= 320 && /^[^\s@<>()[\]\\,;:"]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u.test(email) ? email : undefined;
}

export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1);

/** One network of the sixth version is one place: whoever has one has 2^64 addresses. */
export function placeOf(ip: string): string {
  if (!ip.includes(':') || ip.includes('.')) return ip.replace(/^::ffff:/i, '');
  const [head = '', tail] = ip.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = tail === undefined ? groups : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0'), ...rest];
  return `${all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** `a••@example.org`: enough to recognise one's own, too little to learn another's. */
export function maskedEmail(email: string): string {
  const [name = '', domain = ''] = [email.slice(0, email.lastIndexOf('@')), domainOf(email)];
  return `${name.slice(0, 1)}••@${domain}`;
}

import { describe, expect, it } from '@jest/globals';
import { decideSignup, maskedEmail, normalEmail, placeOf } from './signup.js';

const limits = { maxSignupsPerIpPerDay: 10, maxSignupsPerDomainPerDay: 3, signupDomainDiversityThreshold: 5, maxSignInLinksPerHour: 3, majorEmailProviders: ['gmail.com'] };
const none = { ofIp: 0, otherDomainsOfIp: 0, ofDomain: 0, linksOfEmail: 0, known: false };

describe('a sign-in link', () => {
  it.each([
    ['is sent to a newcomer', 'town.example', {}, { kind: 'send', flagged: false }],
    ['is not sent when its domain has had its newcomers today, and nobody is told', 'town.example', { ofDomain: 3 }, { kind: 'silent', reason: 'domain_limit' }],
    ['is sent to who is known, whatever the domain', 'town.example', { ofDomain: 3, known: true }, { kind: 'send', flagged: false }],
    ['is sent to any number of a large provider', 'gmail.com', { ofDomain: 500 }, { kind: 'send', flagged: false }],
    ['is refused to a place that asked too often', 'gmail.com', { ofIp: 10, known: true }, { kind: 'too_many' }],
    ['is not sent a fourth time in an hour', 'gmail.com', { linksOfEmail: 3, known: true }, { kind: 'silent', reason: 'recently_sent' }],
    ['is flagged when a place asks for many domains', 'a.example', { otherDomainsOfIp: 4 }, { kind: 'send', flagged: true }],
  ])('%s', (_what, domain, counts, decision) => {
    expect(decideSignup(domain, { ...none, ...counts }, limits)).toEqual(decision);
  });
});

it('an address is told by its letters, not by their case', () => {
  expect([' Ann@Town.Example ', 'ann@town', 'ann', 'a b@c.de', 'ann@[127.0.0.1]', '<ann@town.example>', `${'a'.repeat(65)}@b.cd`].map(normalEmail)).toEqual(['ann@town.example', ...Array.from({ length: 6 }, () => undefined)]);
});

it('a network of the sixth version is one place', () => {
  expect(['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0002::9', '::1'].map(placeOf)).toEqual(['192.0.2.7', '192.0.2.7', '2001:db8:1:2::/64', '2001:db8:1:2::/64', '0:0:0:0::/64']);
});

it('an address is shown so that only its owner knows it again', () => {
  expect(maskedEmail('ann.lee@town.example')).toBe('a••@town.example');
});

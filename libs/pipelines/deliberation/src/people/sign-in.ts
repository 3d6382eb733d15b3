/**
 * Registration and sign-in are one thing: whoever opens the link that was sent to an address has that address. The link is in the letter alone; no answer holds it, and what is
 * kept of it is a hash.
 */
import { hours, minutes } from '@carillon/engine';
import { databaseNow, inTransaction, newId, queueNotice, scrubNotice, setAddress } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { Locale } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { SignupCounts } from '../rules/signup.js';
import { decideSignup, domainOf, normalEmail, placeOf } from '../rules/signup.js';
import type { DeliberationSettings } from '../settings.js';
import { createSecret, endSecrets, sessionHolder, useSecret } from './secrets.js';

export type LinkRequest = 'sent' | 'too_many' | 'no_address';

export interface SignedIn {
  accountId: string;
  /** The session, for the person's browser alone. */
  session: string;
  expiresAt: Date;
  registered: boolean;
}

export class SignIn {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: DeliberationSettings,
  ) {}

  /** Sends a link, or quietly does not: the answer is the same, so that nobody learns whose address is known here. */
  async requestLink({ email: given, ip, locale }: { email: string; ip: string; locale: Locale }): Promise<LinkRequest> {
    const email = normalEmail(given);
    if (email === undefined) return 'no_address';
    const [domain, place] = [domainOf(email), placeOf(ip)];
    return inTransaction(this.dataSource, async (manager) => {
      // One request of a place at a time, so that a hundred at once are counted like a hundred in a row.
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`deliberation.signup ${place}`]);
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`deliberation.signup ${domain}`]);
      const decision = decideSignup(domain, await countsOf(manager, email, domain, place), this.settings);
      if (decision.kind === 'too_many') return 'too_many';
      const flagged = decision.kind === 'send' && decision.flagged;
      await manager.query('INSERT INTO deliberation.signup_attempt (id, requester_ip, email_domain, flagged, at) VALUES ($1, $2, $3, $4, engine.clock())', [newId(), place, domain, flagged]);
      if (decision.kind === 'send') await this.#send(manager, email, locale);
      return 'sent';
    });
  }

  /** Uses a link up: makes the account of a newcomer, and begins a session. Undefined when the link is used, over, or none. */
  async redeem(token: string): Promise<SignedIn | undefined> {
    return inTransaction(this.dataSource, async (manager) => {
      const link = await useSecret(manager, 'magic_link', token);
      if (!link?.email) return undefined;
      await forgetLetter(manager, link.id);
      const { accountId, registered } = await accountOf(manager, link.email, link.locale === 'fa' ? 'fa' : 'en');
      const { secret, expiresAt } = await createSecret(manager, { kind: 'session', accountId, lifeMs: hours(this.settings.webAccessTokenExpiryHours) });
      return { accountId, session: secret, expiresAt, registered };
    });
  }

  /** Whose session it is; undefined when it is over, or was ended. */
  holder(session: string): Promise<string | undefined> {
    return sessionHolder(this.dataSource.manager, session);
  }

  async signOut(session: string): Promise<void> {
    await useSecret(this.dataSource.manager, 'session', session);
  }

  /** Ends every session of a person, also those in other browsers. */
  async signOutEverywhere(accountId: string): Promise<void> {
    await endSecrets(this.dataSource.manager, accountId, 'session');
  }

  async #send(manager: EntityManager, email: string, locale: Locale): Promise<void> {
    const { id, secret, expiresAt } = await createSecret(manager, { kind: 'magic_link', email, locale, lifeMs: minutes(this.settings.magicLinkExpiryMinutes) });
    // The recipient is this one link: nobody's account is named before the address is proved, and the address goes with the link.
    await setAddress(manager, letterOf(id), 'email', email);
    const page = this.settings.signInUrl ?? `${this.settings.appPublicBaseUrl.replace(/\/+$/, '')}/deliberation/auth/verify`;
    await queueNotice(manager, {
      ...{ channel: 'email', recipient: letterOf(id), messageType: 'sign_in_link', dedupeKey: letterOf(id), urgent: true },
      content: { secret: true, link: `${page}?token=${secret}`, locale, minutes: this.settings.magicLinkExpiryMinutes, expires_at: expiresAt.toISOString() },
    });
  }
}

/** Forgets links and codes that are over, with their letters, and who asked for them long ago. @returns secrets forgotten */
export async function forgetExpired(manager: EntityManager): Promise<number> {
  const [rows] = await manager.query<[{ id: string; kind: string }[], number]>(
    `DELETE FROM deliberation.secret WHERE id IN (SELECT id FROM deliberation.secret WHERE expires_at < engine.clock() - interval '1 hour' ORDER BY expires_at LIMIT 5000) RETURNING id, kind`,
  );
  for (const { id, kind } of rows) if (kind === 'magic_link') await forgetLetter(manager, id);
  await manager.query(`DELETE FROM deliberation.signup_attempt WHERE at < engine.clock() - interval '30 days'`);
  await manager.query(`DELETE FROM deliberation.failed_code WHERE at < engine.clock() - interval '2 days'`);
  return rows.length;
}

/** Links that are on their way to an address, with their letters. */
export async function forgetLinks(manager: EntityManager, email: string): Promise<void> {
  const [rows] = await manager.query<[{ id: string }[], number]>(`DELETE FROM deliberation.secret WHERE kind = 'magic_link' AND email = $1 RETURNING id`, [email]);
  for (const { id } of rows) await forgetLetter(manager, id);
}

const letterOf = (linkId: string): string => `sign-in:${linkId}`;
const forgetLetter = (manager: EntityManager, linkId: string): Promise<void> => scrubNotice(manager, letterOf(linkId), letterOf(linkId));

async function countsOf(manager: EntityManager, email: string, domain: string, place: string): Promise<SignupCounts> {
  const [counts] = await manager.query<SignupCounts[]>(
    `SELECT (SELECT count(*)::int FROM deliberation.signup_attempt WHERE requester_ip = $3 AND at > engine.clock() - interval '24 hours') AS "ofIp",
       (SELECT count(DISTINCT email_domain)::int FROM deliberation.signup_attempt WHERE requester_ip = $3 AND email_domain <> $2 AND at > engine.clock() - interval '24 hours') AS "otherDomainsOfIp",
       (SELECT count(DISTINCT e.email)::int FROM (
          SELECT l.email FROM deliberation.email_link l JOIN deliberation.account a ON a.id = l.account_id WHERE split_part(l.email, '@', 2) = $2 AND a.created_at > engine.clock() - interval '24 hours'
          UNION SELECT s.email FROM deliberation.secret s WHERE s.kind = 'magic_link' AND split_part(s.email, '@', 2) = $2 AND s.email <> $1 AND s.used_at IS NULL AND s.expires_at > engine.clock()
            AND NOT EXISTS (SELECT FROM deliberation.email_link k WHERE k.email = s.email)) e) AS "ofDomain",
       (SELECT count(*)::int FROM deliberation.secret WHERE kind = 'magic_link' AND email = $1 AND created_at > engine.clock() - interval '1 hour') AS "linksOfEmail",
       EXISTS (SELECT FROM deliberation.email_link WHERE email = $1) AS known`,
    [email, domain, place],
  );
  if (!counts) throw new Error('the database did not count the signups: try again');
  return counts;
}

async function accountOf(manager: EntityManager, email: string, locale: Locale): Promise<{ accountId: string; registered: boolean }> {
  // Two links to one new address opened at once make one account.
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`deliberation.email ${email}`]);
  const [known] = await manager.query<{ accountId: string }[]>('SELECT account_id AS "accountId" FROM deliberation.email_link WHERE email = $1', [email]);
  if (known) return { ...known, registered: false };
  const id = newId();
  const now = await databaseNow(manager);
  await manager.query('INSERT INTO deliberation.account (id, ref, locale, email_verified, created_at, last_active_at) VALUES ($1, $2, $3, true, $4, $4)', [id, `person:${newId()}`, locale, now]);
  await manager.query('INSERT INTO deliberation.email_link (account_id, email, verified_at) VALUES ($1, $2, $3)', [id, email, now]);
  await setAddress(manager, `account:${id}`, 'email', email);
  await appendEvidence(manager, { eventType: 'user_verified', entityType: 'verification', entityId: newId(), payload: { method: 'email' }, private: { user_id: id } });
  return { accountId: id, registered: true };
}

/** Delivers one notice by e-mail, over a few connections that stay open. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EmailSettings } from '@carillon/runtime';
import { InvalidSettings } from '@carillon/settings';
import type { RenderedNotice } from '@carillon/texts';
import { createTransport } from 'nodemailer';
import type { Addressee, NoticeChannel, Sending, Sent } from '../channel.js';
import { NoAddress, TextTooLong } from '../errors.js';
import { failureOf } from './failure.js';
import { letterOf } from './letter.js';

/** Undefined when no mail server is named: notices then end as dry runs. @throws InvalidSettings when the sender is missing */
export function emailChannel(settings: EmailSettings): EmailChannel | undefined {
  const { smtpUrl, smtpFrom } = settings;
  if (smtpUrl === undefined) return undefined;
  if (smtpFrom === undefined) throw new InvalidSettings('the configuration is not valid:\n  SMTP_FROM is not set and SMTP_URL is: say whom letters come from, such as Carillon <carillon@example.org>');
  return new EmailChannel({ ...settings, smtpUrl, smtpFrom });
}

/** One address, without a name, list or comment: what a person may be reached at, and nothing that a header could be made of. */
export const EMAIL_ADDRESS = /^[^\s@<>()[\]\\,;:"]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;
/** Of the time for an answer. When the greeting's time is over, surely nothing was sent; when the socket's is, nobody knows. Were they the same, either could end first on a server that never greets. */
const GREETED_WITHIN = 0.9;
/** Longer than any letter that a person reads, and below what any server takes. */
const LONGEST_LETTER = 1_000_000;

export class EmailChannel implements NoticeChannel {
  readonly name = 'email';
  private readonly transport;
  private readonly domain: string;

  constructor(private readonly settings: EmailSettings & { smtpUrl: string; smtpFrom: string }) {
    const { smtpUrl, smtpFrom, smtpTimeoutMs: timeout, smtpConnections, smtpRequireTls } = settings;
    this.domain = /@([^\s@>]+)>?$/.exec(smtpFrom)?.[1] ?? 'localhost';
    this.transport = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: smtpConnections,
      // A connection that closes under a letter may have taken it: that is for the ledger to record, not for the pool to repeat.
      maxRequeues: 0,
      requireTLS: smtpRequireTls && !/^smtps:/i.test(smtpUrl),
      connectionTimeout: GREETED_WITHIN * timeout,
      greetingTimeout: GREETED_WITHIN * timeout,
      dnsTimeout: timeout,
      socketTimeout: timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
    }, { from: smtpFrom });
  }

  /** Waiting for a connection, greeting, and the few answers of one letter, each within the time limit. */
  get longestMs(): number {
    return 12 * this.settings.smtpTimeoutMs;
  }

  /** A few wait for each connection, so that none is idle; more would wait longer than a letter may take. */
  get atOnce(): number {
    return 4 * this.settings.smtpConnections;
  }

  get perSecond(): number {
    return this.settings.smtpPerSecond;
  }

  pauseAfter(): { pauseMs: number } {
    return { pauseMs: 0 };
  }

  addressOf({ recipient, address }: Addressee): string {
    const known = address ?? recipient;
    if (EMAIL_ADDRESS.test(known)) return known;
    throw new NoAddress(recipient, 'email', '<name@example.org>');
  }

  /** The letter's id is made of the notice's: a mail program that gets one twice may show it once. */
  async deliver(address: string, notice: RenderedNotice, { noticeId, nextTurn }: Sending): Promise<Sent> {
    const letter = letterOf(notice);
    if (letter.text.trim() === '') throw new TextTooLong('the text has nothing to see in it');
    if (letter.html.length > LONGEST_LETTER) throw new TextTooLong(`the text has ${letter.html.length} characters; a letter may have ${LONGEST_LETTER}`);
    if (!(await nextTurn())) return { kind: 'put-back' };
    try {
      const { messageId } = await this.withinLimit({ to: { name: '', address }, ...letter, messageId: `<${noticeId}@${this.domain}>`, headers: { 'Auto-Submitted': 'auto-generated' } });
      return { kind: 'sent', messageIds: [messageId] };
    } catch (error) {
      return { kind: 'failed', failure: failureOf(error), messageIds: [], parts: 1 };
    }
  }

  close(): void {
    this.transport.close();
  }

  /** The library bounds each answer; a server that drips keeps within that for ever. */
  private async withinLimit(mail: Parameters<typeof this.transport.sendMail>[0]): Promise<{ messageId: string }> {
    const over = new AbortController();
    try {
      const late = delay(this.longestMs, undefined, { signal: over.signal }).then(() => Promise.reject(Object.assign(new Error('too slow'), { code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' })));
      return await Promise.race([this.transport.sendMail(mail), late]);
    } finally {
      over.abort();
    }
  }
}

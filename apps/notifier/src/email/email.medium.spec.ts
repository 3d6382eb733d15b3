import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, setAddress } from '@carillon/persistence';
import { EmailSettings } from '@carillon/runtime';
import { InvalidSettings } from '@carillon/settings';
import { freePort, testDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { fakeMailServer } from '../../spec/fake-mail-server.js';
import type { FakeMailServer, MailTrouble } from '../../spec/fake-mail-server.js';
import { notifierUnderTest } from '../../spec/notifier-under-test.js';
import type { NotifierUnderTest } from '../../spec/notifier-under-test.js';
import type { Sent } from '../channel.js';
import { emailChannel } from './email-channel.js';
import type { EmailChannel } from './email-channel.js';

const channelTo = (smtpUrl: string): EmailChannel | undefined => emailChannel(Object.assign(new EmailSettings(), { smtpUrl, smtpFrom: 'Carillon <bells@example.org>', smtpRequireTls: false, smtpTimeoutMs: 300 }));

describe('a notice by e-mail', () => {
  let dataSource: DataSource;
  let server: FakeMailServer;
  let email: EmailChannel | undefined;
  let notifier: NotifierUnderTest;
  beforeAll(async () => {
    [dataSource, server] = await Promise.all([testDatabase().then(({ url }) => createDataSource({ url, service: 'notifier' })), fakeMailServer()]);
  });
  beforeEach(async () => {
    server.reset();
    email?.close();
    email = channelTo(server.url);
    notifier = notifierUnderTest(dataSource, undefined, { email });
    await notifier.reset();
  });
  afterAll(async () => {
    email?.close();
    await server.close();
    await dataSource.destroy();
  });

  it('arrives once, as text and as HTML, under an id that is made of its own', async () => {
    const row = await notifier.delivered({ channel: 'email', recipient: 'ada@example.org', content: { text: 'Trams & buses\nIs 1 < 2?' } });
    expect(row).toMatchObject({ status: 'sent', attempts: 1, error: null });
    await notifier.again(row.id);
    expect(server.letters).toHaveLength(1);
    const [letter] = server.letters;
    expect(letter).toMatchObject({ from: 'bells@example.org', to: ['ada@example.org'] });
    expect(letter?.source).toContain(`Message-ID: <${row.id}@example.org>`);
    expect(letter?.source).toMatch(/^Subject: Trams & buses\r$/m);
    expect(letter?.source).toMatch(/text\/plain[^]*Is 1 < 2\?[^]*text\/html[^]*Trams &amp; buses<br>\r\nIs 1 &lt; 2\?/);
  });

  it('goes to the address of its recipient, and nowhere without one', async () => {
    await setAddress(dataSource, 'account:7', 'email', 'grace@example.org');
    await notifier.delivered({ channel: 'email', recipient: 'account:7' });
    expect(server.letters.map(({ to }) => to)).toEqual([['grace@example.org']]);
    expect(await notifier.delivered({ channel: 'email', recipient: 'account:8' })).toMatchObject({ status: 'dead', error: expect.stringContaining('set its address with PUT /notices/addresses') });
  });

  it.each<[string, MailTrouble, object]>([
    ['is tried again when the server is busy', { at: 'RCPT', code: 451, says: '4.7.1 try again later' }, { status: 'failed', attempts: 1, error: expect.stringContaining('451') }],
    ['is undeliverable when nobody lives there', { at: 'RCPT', code: 550, says: '5.1.1 no such user' }, { status: 'undeliverable', error: expect.stringContaining('Is the address right?') }],
    ['is given up when its words are refused', { at: 'BODY', code: 554, says: '5.7.1 looks like spam' }, { status: 'dead', error: expect.stringContaining('554') }],
    ['waits when the server does not take letters from us', { at: 'MAIL', code: 553, says: '5.7.1 sender rejected' }, { status: 'failed', attempts: 0, error: expect.stringContaining('SMTP_FROM') }],
    ['shows as uncertain when the server takes it and never answers', { at: 'BODY' }, { status: 'uncertain', error: expect.stringContaining('did not answer in time') }],
    ['shows as uncertain when the connection is cut after it', { at: 'BODY', cuts: true }, { status: 'uncertain', error: expect.stringContaining('nobody knows whether the letter arrived') }],
  ])('%s', async (_name, trouble, outcome) => {
    server.trouble(trouble);
    expect(await notifier.delivered({ channel: 'email', recipient: 'ada@example.org' })).toMatchObject(outcome);
    expect(server.letters.length).toBeLessThanOrEqual(1);
  });

  it('waits for the one before it to the same reader, also while that waits for another try, and holds up nobody else', async () => {
    server.trouble({ at: 'RCPT', code: 451, says: '4.7.1 try again later' });
    const first = await notifier.delivered({ channel: 'email', recipient: 'ada@example.org', content: { text: 'first' } });
    expect(first.status).toBe('failed');
    expect(await notifier.delivered({ channel: 'email', recipient: 'ada@example.org', content: { text: 'second' } })).toMatchObject({ status: 'queued' });
    expect(await notifier.delivered({ channel: 'email', recipient: 'grace@example.org', content: { text: 'other' } })).toMatchObject({ status: 'sent' });
    await notifier.again(first.id);
    await notifier.round('email');
    expect(server.letters.map(({ source }) => /^Subject: (.*)\r$/m.exec(source)?.[1])).toEqual(['other', 'first', 'second']);
  });

  it('is tried again when nobody listens, as it surely was not sent', async () => {
    const away = channelTo(`smtp://127.0.0.1:${await freePort()}`);
    const other = notifierUnderTest(dataSource, undefined, { email: away });
    expect(await other.delivered({ channel: 'email', recipient: 'ada@example.org' })).toMatchObject({ status: 'failed', error: expect.stringContaining('ECONNREFUSED') });
    away?.close();
  });

  it('is tried again when the server never greets, as it surely was not sent: however often', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const channel = channelTo(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    try {
      // As many as are under way at once; each meets a connection of its own.
      const sending = (): Promise<Sent>[] => Array.from({ length: channel?.atOnce ?? 0 }, (_none, n) => (channel as EmailChannel).deliver('ada@example.org', { text: 'Hello' }, { noticeId: `${n}`, recipient: 'ada@example.org', nextTurn: () => Promise.resolve(true) }));
      const fates = [...(await Promise.all(sending())), ...(await Promise.all(sending()))];
      expect(fates.length).toBeGreaterThan(10);
      expect(fates).toEqual(fates.map(() => expect.objectContaining({ kind: 'failed', failure: { kind: 'transient', reason: 'the mail server could not be reached: GREETING_TIMEOUT' } })));
    } finally {
      channel?.close();
      silent.close();
    }
  });

  it('waits for a password that is right, and leaves the wrong one out of ledger and log', async () => {
    const wrong = channelTo(server.url.replace('//', '//carillon:hunter2@'));
    const other = notifierUnderTest(dataSource, undefined, { email: wrong });
    const row = await other.delivered({ channel: 'email', recipient: 'ada@example.org' });
    expect(row).toMatchObject({ status: 'failed', attempts: 0, error: expect.stringContaining('SMTP_URL') });
    expect(`${row.error}${other.logged()}`).not.toContain('hunter2');
    wrong?.close();
  });

  it('is a dry run without a mail server, and a server needs a sender', async () => {
    expect(await notifierUnderTest(dataSource, undefined, { email: undefined }).delivered({ channel: 'email', recipient: 'account:9' })).toMatchObject({ status: 'dry-run', text: 'Hello' });
    expect(() => emailChannel(Object.assign(new EmailSettings(), { smtpUrl: 'smtp://127.0.0.1' }))).toThrow(InvalidSettings);
  });

  it('is refused by default when the server offers no TLS', async () => {
    const strict = emailChannel(Object.assign(new EmailSettings(), { smtpUrl: server.url, smtpFrom: 'bells@example.org', smtpTimeoutMs: 300 }));
    expect(await notifierUnderTest(dataSource, undefined, { email: strict }).delivered({ channel: 'email', recipient: 'ada@example.org' })).toMatchObject({ status: 'failed', error: expect.stringMatching(/TLS/) });
    expect(server.letters).toEqual([]);
    strict?.close();
  });
});

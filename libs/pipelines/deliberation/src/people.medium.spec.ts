import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hours, minutes } from '@carillon/engine';
import { chatIdentity, newId } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import type { IntakeUnderTest } from './intake.fixture.js';
import { CONCERN, intakeUnderTest } from './intake.fixture.js';
import { verifyEvidence } from './evidence/verify-evidence.js';
import { sealPending } from './evidence/sealer.js';
import { eraseAccount } from './people/erase.js';
import { Linking } from './people/linking.js';
import { ownSubmissions } from './people/own-submissions.js';
import type { SignedIn } from './people/sign-in.js';
import { forgetExpired, SignIn } from './people/sign-in.js';
import { withdrawSubmission } from './people/withdraw.js';

let sut: IntakeUnderTest;
let signIn: SignIn;
let linking: Linking;
let place = 0;

beforeAll(async () => {
  sut = await intakeUnderTest(await testDatabase(), { burstQuarantineThresholdCount: 100 });
  signIn = new SignIn(sut.dataSource, sut.services.settings);
  linking = new Linking(sut.dataSource, sut.services.settings);
});
afterAll(() => sut.close());

const ask = (email: string, ip = `192.0.2.${(place += 1)}`) => signIn.requestLink({ email, ip, locale: 'en' });
const letters = () => sut.query<{ recipient: string; content: { link?: string }; address: string | null; status: string }>(
  `SELECT n.recipient, n.content, n.status, a.address FROM notices.notice n LEFT JOIN notices.address a ON a.recipient = n.recipient AND a.channel = n.channel WHERE n.message_type = 'sign_in_link' ORDER BY n.id`,
);
const tokenFor = async (email: string): Promise<string> => {
  await ask(email);
  return new URL((await letters()).findLast(({ address }) => address === email.toLowerCase())?.content.link ?? 'http://none').searchParams.get('token') ?? '';
};
/** Somebody with a verified address and a linked chat, old enough to take part. */
async function neighbour(email: string, chatId: number): Promise<SignedIn & { ref: string }> {
  const person = (await signIn.redeem(await tokenFor(email))) as SignedIn;
  const chat = await chatIdentity(sut.dataSource, chatId, 'en');
  await linking.link((await linking.code(person.accountId))?.code ?? '', chat);
  const [row] = await sut.query<{ ref: string }>(`UPDATE deliberation.account SET linked_at = linked_at - interval '49 hours' WHERE id = $1 RETURNING ref`, [person.accountId]).then(([rows]) => rows as unknown as { ref: string }[]);
  return { ...person, ref: row?.ref ?? '' };
}

describe('a sign-in link', () => {
  it('is in the letter alone: of it the database keeps a hash, and what goes over the bus holds nothing (defect 19)', async () => {
    const token = await tokenFor('ann@town.example');
    expect(token).toMatch(/^[\w-]{43}$/);
    const kept = await sut.query<{ row: string }>(`SELECT row_to_json(s)::text AS row FROM deliberation.secret s UNION ALL SELECT row_to_json(o)::text FROM engine.outbox o`);
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.filter(({ row }) => row.includes(token))).toEqual([]);
    expect((await signIn.redeem(token))?.registered).toBe(true);
  });

  it('works once, also when two open it at the same time, and then its letter is empty', async () => {
    const token = await tokenFor('ben@town.example');
    const both = await Promise.all([signIn.redeem(token), signIn.redeem(token)]);
    expect(both.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await signIn.redeem(token)).toBeUndefined();
    const texts = JSON.stringify(await sut.query('SELECT * FROM notices.notice'));
    expect(texts).not.toContain(token);
    expect((await letters()).every(({ address }) => address !== 'ben@town.example')).toBe(true);
  });

  it('of a known address opens the same account, however it is written', async () => {
    const first = await signIn.redeem(await tokenFor('Cyd@gmail.com'));
    const second = await signIn.redeem(await tokenFor('cyd@GMAIL.com'));
    expect(second).toMatchObject({ registered: false, accountId: first?.accountId });
  });

  it('is over after its time, and forgotten with its letter', async () => {
    const token = await tokenFor('dan@gmail.com');
    await sut.advance(minutes(15) + 1_000);
    expect(await signIn.redeem(token)).toBeUndefined();
    await sut.advance(hours(1));
    expect(await forgetExpired(sut.dataSource.manager)).toBeGreaterThan(0);
    expect((await letters()).filter(({ content }) => content.link !== undefined)).toEqual([]);
  });

  it('is quietly not sent beyond the limits of a domain and of an address, and refused beyond that of a place', async () => {
    const sent = async () => (await letters()).length;
    for (const name of ['a', 'b', 'c']) await ask(`${name}@small.example`);
    const before = await sent();
    expect(await ask('d@small.example')).toBe('sent');
    expect(await sent()).toBe(before);
    for (let time = 0; time < 5; time += 1) await ask('eve@gmail.com');
    expect(await sent()).toBe(before + 3);
    const answers: string[] = [];
    for (let number = 0; number < 11; number += 1) answers.push(await ask(`n${number}@gmail.com`, '198.51.100.7'));
    expect(answers.filter((answer) => answer === 'too_many')).toHaveLength(1);
  });
});

describe('a session', () => {
  it('lasts until it is ended, here or everywhere', async () => {
    const [one, other] = [await signIn.redeem(await tokenFor('fay@gmail.com')), await signIn.redeem(await tokenFor('fay@gmail.com'))];
    expect(await signIn.holder(one?.session ?? '')).toBe(one?.accountId);
    await signIn.signOut(one?.session ?? '');
    expect([await signIn.holder(one?.session ?? ''), await signIn.holder(other?.session ?? '')]).toEqual([undefined, one?.accountId]);
    await signIn.signOutEverywhere(one?.accountId ?? '');
    expect(await signIn.holder(other?.session ?? '')).toBeUndefined();
  });
});

describe('linking a chat', () => {
  it('takes a code that the person was shown, once, and begins the age of the account', async () => {
    const person = (await signIn.redeem(await tokenFor('gil@gmail.com'))) as SignedIn;
    const chat = await chatIdentity(sut.dataSource, 700, 'fa');
    const code = (await linking.code(person.accountId))?.code ?? '';
    expect(await linking.link(code, chat)).toEqual({ kind: 'linked', email: 'g••@gmail.com' });
    expect(await linking.link(code, chat)).toMatchObject({ kind: 'linked' });
    const account = await linking.accountOfChat(chat.ref);
    expect(account).toMatchObject({ id: person.accountId, messagingVerified: true, locale: 'fa' });
    expect(await sut.submit(account?.ref ?? '')).toMatchObject({ outcome: 'not_eligible' });
    expect(await sut.query('SELECT address FROM notices.address WHERE recipient = $1 AND channel = $2', [`account:${person.accountId}`, 'telegram'])).toEqual([{ address: '700' }]);
    expect(await linking.code(person.accountId)).toBeUndefined();
  });

  it('is refused for a chat or an account that has another, and for a day after five wrong codes', async () => {
    const [one, other] = [(await signIn.redeem(await tokenFor('hal@gmail.com'))) as SignedIn, await neighbour('ida@gmail.com', 701)];
    const taken = await chatIdentity(sut.dataSource, 701, 'en');
    expect(await linking.link((await linking.code(one.accountId))?.code ?? '', taken)).toEqual({ kind: 'chat_has_other_account' });
    expect(other.accountId).not.toBe(one.accountId);
    const guesser = await chatIdentity(sut.dataSource, 702, 'en');
    for (let guess = 0; guess < 5; guess += 1) expect(await linking.link(`guess-${guess}`, guesser)).toEqual({ kind: 'wrong_code' });
    const code = (await linking.code(one.accountId))?.code ?? '';
    expect(await linking.link(code, guesser)).toEqual({ kind: 'locked' });
    await sut.advance(hours(24) + 1_000);
    expect(await linking.link((await linking.code(one.accountId))?.code ?? '', guesser)).toMatchObject({ kind: 'linked' });
  });
});

describe('withdrawing a submission', () => {
  it('takes it out of everything but the evidence, and its credit with it; others have none of that name', async () => {
    const person = await neighbour('joe@gmail.com', 710);
    const { submissionId = '' } = await sut.submit(person.ref);
    expect(await ownSubmissions(sut.dataSource, person.accountId)).toMatchObject([{ id: submissionId, text: CONCERN, status: 'canonicalized', concerns: [{ cluster: null }] }]);
    expect(await withdrawSubmission(sut.dataSource, { accountId: newId(), submissionId })).toBe('no_such_submission');
    expect(await withdrawSubmission(sut.dataSource, { accountId: person.accountId, submissionId })).toBe('withdrawn');
    expect(await withdrawSubmission(sut.dataSource, { accountId: person.accountId, submissionId })).toBe('already_withdrawn');
    expect(await ownSubmissions(sut.dataSource, person.accountId)).toMatchObject([{ status: 'withdrawn', concerns: [] }]);
    expect(await sut.query('SELECT contribution_count AS count FROM deliberation.account WHERE id = $1', [person.accountId])).toEqual([{ count: 0 }]);
    expect(await sut.query(`SELECT count(*)::int AS open FROM deliberation.candidate WHERE submission_id = $1 AND archived_at IS NULL`, [submissionId])).toEqual([{ open: 0 }]);
    expect(await sut.query(`SELECT event_type AS event FROM deliberation.evidence WHERE entity_id = $1 ORDER BY id`, [submissionId])).toEqual(['submission_received', 'candidate_created', 'submission_withdrawn'].map((event) => ({ event })));
  });
});

describe('deleting what says who a person is', () => {
  it('leaves no trace of the person anywhere, and the evidence verifies as before', async () => {
    const person = await neighbour('kim.unusual@gmail.com', 987_654_321);
    const { submissionId } = await sut.submit(person.ref, CONCERN, { externalId: 'kims-file-7' });
    await tokenFor('kim.unusual@gmail.com');
    await sealPending(sut.dataSource);
    const before = await sut.query<{ hash: string }>('SELECT hash FROM deliberation.evidence ORDER BY seq');
    expect(await eraseAccount(sut.dataSource, person.accountId)).toBe(true);
    expect(await eraseAccount(sut.dataSource, person.accountId)).toBe(false);
    expect(await signIn.holder(person.session)).toBeUndefined();
    const tables = await sut.query<{ name: string }>(`SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('deliberation', 'notices', 'telegram', 'engine')`);
    for (const trace of ['kim.unusual', '987654321', person.ref, 'kims-file-7']) {
      for (const { name } of tables) expect([name, trace, await sut.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE '%' || $1 || '%'`, [trace])]).toEqual([name, trace, []]);
    }
    expect(await sut.query('SELECT 1 FROM deliberation.evidence_private WHERE value = $1', [person.accountId])).toEqual([]);
    expect(await sut.query<{ hash: string }>('SELECT hash FROM deliberation.evidence ORDER BY seq')).toEqual(before);
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: true });
    expect(await sut.query('SELECT raw_text AS text FROM deliberation.submission WHERE id = $1', [submissionId])).toEqual([{ text: CONCERN }]);
    expect((await signIn.redeem(await tokenFor('kim.unusual@gmail.com')))?.registered).toBe(true);
  });
});

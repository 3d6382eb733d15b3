import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase } from '@carillon/testing';
import { CONCERN, intakeUnderTest, MODEL_DOWN, SENDER } from '../intake.fixture.js';
import type { IntakeUnderTest } from '../intake.fixture.js';

const HOUR = 3_600_000;
let sut: IntakeUnderTest;

beforeAll(async () => {
  sut = await intakeUnderTest(await testDatabase());
});
afterAll(() => sut.close());

const one = async (sql: string, ...values: unknown[]): Promise<Record<string, unknown> | undefined> => (await sut.query(sql, values))[0];
const events = async (submissionId: string | undefined): Promise<unknown[]> =>
  (await sut.query('SELECT event_type FROM deliberation.evidence WHERE entity_id = $1 ORDER BY recorded_at, id', [submissionId])).map((row) => row['event_type']);

describe('a submission at the door', () => {
  it('is stored, read, embedded, credited and answered with a link (defect 30)', async () => {
    const accountId = await sut.person('ada');
    const reply = await sut.submit('ada');
    expect(reply).toMatchObject({ outcome: 'accepted' });
    const candidate = await one('SELECT * FROM deliberation.candidate WHERE submission_id = $1', reply.submissionId);
    expect(reply.message).toContain(`/en/submission/${String(candidate?.['id'])}`);
    expect(candidate).toMatchObject({ provider: 'local', model_version: 'local-rules-2', embedding_model: 'hashed-ngram-512', embedding_dimensions: 512 });
    expect(await one('SELECT status, language FROM deliberation.submission WHERE id = $1', reply.submissionId)).toEqual({ status: 'canonicalized', language: 'en' });
    expect(await one('SELECT contribution_count AS count FROM deliberation.account WHERE id = $1', accountId)).toEqual({ count: 1 });
    expect(await events(reply.submissionId)).toEqual(['submission_received', 'candidate_created']);
  });

  it('is refused before the account is old enough, and nothing is stored', async () => {
    await sut.accounts.register({ ref: 'new', emailVerified: true, messagingVerified: true });
    expect(await sut.submit('new')).toMatchObject({ outcome: 'not_eligible' });
    expect(await sut.submit('nobody', 'شهرداری باید خیابان‌ها را تعمیر کند')).toMatchObject({ outcome: 'not_eligible', message: expect.stringMatching(/پیام‌رسان/) });
    expect(await one("SELECT count(*)::int AS count FROM deliberation.submission JOIN deliberation.account a ON a.id = account_id WHERE a.ref = 'new'")).toEqual({ count: 0 });
  });

  it('answers a repeated external id with the first one, also when both arrive at once', async () => {
    await sut.person('twin');
    const replies = await Promise.all([1, 2].map(() => sut.submit('twin', CONCERN, { externalId: 'x-1' })));
    expect(replies.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'duplicate']);
    expect(new Set(replies.map(({ submissionId }) => submissionId)).size).toBe(1);
    expect(await sut.submit('twin', CONCERN, { externalId: 'x-1' })).toMatchObject({ outcome: 'duplicate', submissionId: replies[0]?.submissionId });
  });

  it('is rejected with a reason in the language of the text, and only its hash becomes evidence', async () => {
    await sut.person('guest');
    const reply = await sut.submit('guest', 'سلام خوبی؟');
    expect(reply).toMatchObject({ outcome: 'rejected', message: expect.stringMatching(/پذیرفته نشد/) });
    expect(await one('SELECT status, reason_code FROM deliberation.submission WHERE id = $1', reply.submissionId)).toEqual({ status: 'rejected', reason_code: 'greeting' });
    const evidence = await sut.query('SELECT event_type, payload::text AS payload FROM deliberation.evidence WHERE entity_id = $1 ORDER BY id', [reply.submissionId]);
    expect(evidence.map((row) => row['event_type'])).toEqual(['submission_received', 'submission_rejected_not_policy']);
    for (const { payload } of evidence) expect(payload).not.toContain('سلام');
    expect(sut.logged.join()).not.toContain('سلام');
  });

  it.each([
    ['Persian digits', 'شماره من ۰۹۱۲۳۴۵۶۷۸۹ است و خیابان باید تعمیر شود'],
    ['an e-mail address', 'Write to ada@example.org about the bike lanes, the city must act.'],
  ])('stores nothing of a text with personal data (%s), but counts the attempt', async (name, text) => {
    const accountId = await sut.person(`pii ${name}`);
    expect(await sut.submit(`pii ${name}`, text)).toMatchObject({ outcome: 'pii_redact_and_resend' });
    expect(await one('SELECT count(*)::int AS count FROM deliberation.submission WHERE account_id = $1', accountId)).toEqual({ count: 0 });
    expect(await one('SELECT reason FROM deliberation.intake_attempt WHERE account_id = $1', accountId)).toEqual({ reason: 'high_risk_pii' });
    const [dump] = await sut.query<{ all: string }>('SELECT string_agg(payload::text, $1) AS all FROM deliberation.evidence', ['']);
    expect(dump?.all).not.toMatch(/example\.org|۰۹۱۲/);
    expect(dump?.all).not.toContain(accountId);
  });

  it('meets the daily limit, to which rejected and blocked attempts count, for any 24 hours (defect 24)', async () => {
    await sut.person('busy');
    const patient = sut.restarted({ maxSubmissionsPerDay: 3, burstQuarantineThresholdCount: 100 });
    const outcomes: string[] = [];
    for (const text of ['hello', 'mail me: a@example.org', CONCERN, CONCERN]) outcomes.push((await patient.submit('busy', text)).outcome);
    expect(outcomes).toEqual(['rejected', 'pii_redact_and_resend', 'accepted', 'daily_limit']);
    await sut.advance(24 * HOUR);
    expect(await patient.submit('busy')).toMatchObject({ outcome: 'accepted' });
  });

  it('stays held after a burst: it is not read, and keeps its status (defect 3)', async () => {
    const accountId = await sut.person('burst');
    const replies = [await sut.submit('burst'), await sut.submit('burst'), await sut.submit('burst')];
    expect(replies.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'quarantined']);
    expect(await one('SELECT status, quarantined_until IS NOT NULL AS until FROM deliberation.submission WHERE id = $1', replies[2]?.submissionId)).toEqual({ status: 'quarantined', until: true });
    expect(await one('SELECT count(*)::int AS count FROM deliberation.candidate WHERE submission_id = $1', replies[2]?.submissionId)).toEqual({ count: 0 });
    expect(await one('SELECT contribution_count AS count FROM deliberation.account WHERE id = $1', accountId)).toEqual({ count: 2 });
    expect(await events(replies[2]?.submissionId)).toEqual(['submission_received', 'submission_quarantined']);
  });

  it('is safe although no model answers: pending, no credit, nothing of it in the log', async () => {
    const accountId = await sut.person('patient');
    const dark = sut.restarted(MODEL_DOWN);
    const reply = await dark.submit('patient');
    expect(reply).toMatchObject({ outcome: 'pending' });
    expect(await one('SELECT status, attempts, next_attempt_at > engine.clock() AS later FROM deliberation.submission WHERE id = $1', reply.submissionId)).toEqual({ status: 'pending', attempts: 1, later: true });
    expect(await one('SELECT contribution_count AS count FROM deliberation.account WHERE id = $1', accountId)).toEqual({ count: 0 });
    expect(dark.logged.join()).toContain(String(reply.submissionId));
    expect(dark.logged.join()).not.toContain('bike');
  });

  it('keeps a text whose first sentence is longer than any title (defect 22)', async () => {
    await sut.person('poet');
    const reply = await sut.submit('poet', `The government must reform ${'unbelievablylongwordsaboutpublictransport🚌'.repeat(60)} now.`);
    expect(reply.outcome).toBe('accepted');
    const row = await one('SELECT title FROM deliberation.candidate WHERE submission_id = $1', reply.submissionId);
    expect(String(row?.['title']).length).toBeLessThanOrEqual(255);
    expect(row?.['title']).not.toMatch(/\p{Surrogate}/u);
  });

  it.each([
    ['text', { author: 'a', text: 'a\0b' }, /text holds a NUL/],
    ['text', { author: 'a', text: 'ab\ud83d' }, /half of a surrogate pair/],
    ['text', { author: 'a', text: 'x'.repeat(10_001) }, /10000 characters/],
    ['text', { author: 'a', text: ' \n ' }, /blank/],
    ['text', { author: 'a', text: 7 }, /must be/],
    ['author', { text: CONCERN }, /author/],
    ['colour', { author: 'a', text: CONCERN, colour: 'red' }, /no field/],
    ['submission', null, /not a JSON object/],
  ])('is refused by the name of the field (%s)', async (field, value, problem) => {
    await expect(sut.intake.submit(SENDER, value)).rejects.toMatchObject({ name: 'InvalidSubmission', field, message: expect.stringMatching(problem) });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase } from '@carillon/testing';
import { CONCERN, intakeUnderTest, MODEL_DOWN, OPERATOR, SENDER } from '../intake.fixture.js';
import type { IntakeUnderTest } from '../intake.fixture.js';

let sut: IntakeUnderTest;

beforeAll(async () => {
  sut = await intakeUnderTest(await testDatabase());
});
afterAll(() => sut.close());

const count = async (table: string): Promise<unknown> => (await sut.query(`SELECT count(*)::int AS count FROM deliberation.${table}`))[0]?.['count'];

describe("an operator's import", () => {
  it('needs the right to', async () => {
    await expect(sut.intake.import(SENDER, [])).rejects.toMatchObject({ name: 'ImportNotAllowed' });
  });

  it('decides every line by itself: a bad one stops no other', async () => {
    const results = await sut.intake.import(OPERATOR, [
      { author: 'p-1', text: CONCERN, externalId: '1', submittedAt: 1_500_000_000_000 },
      { author: 'p-2', text: 'hello', externalId: '2' },
      { author: 'p-1', text: CONCERN, externalId: '1' },
      { author: 'p-3', text: 'call 0123456789012 about the bike lanes' },
      { author: 'p-4', text: 'a\0b' },
      'not even an object',
      { author: 'p-5', text: 'شهرداری باید خیابان‌های محله ما را تعمیر کند' },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected', 'duplicate', 'pii_redact_and_resend', 'failed', 'failed', 'accepted']);
    expect(results[2]?.submissionId).toBe(results[0]?.submissionId);
    expect(results[4]?.message).toMatch(/text holds a NUL/);
    const [first] = await sut.query('SELECT imported, submitted_at, status FROM deliberation.submission WHERE id = $1', [results[0]?.submissionId]);
    expect(first).toEqual({ imported: true, submitted_at: new Date(1_500_000_000_000), status: 'canonicalized' });
    expect(await sut.query("SELECT ref, locale, contribution_count FROM deliberation.account WHERE ref IN ('p-1', 'p-2', 'p-5') ORDER BY ref")).toEqual([
      { ref: 'p-1', locale: 'en', contribution_count: 1 },
      { ref: 'p-2', locale: 'en', contribution_count: 0 },
      { ref: 'p-5', locale: 'fa', contribution_count: 1 },
    ]);
  });

  it('changes nothing when it is sent again, also twice at once', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => ({ author: `again-${index % 7}`, text: `${CONCERN} Number ${index} of the list.`, externalId: `line-${index}` }));
    const [first, second] = await Promise.all([sut.intake.import(OPERATOR, lines), sut.intake.import(OPERATOR, lines)]);
    expect(first.map(({ submissionId }) => submissionId)).toEqual(second.map(({ submissionId }) => submissionId));
    lines.forEach((_, index) => expect([first[index]?.outcome, second[index]?.outcome].sort()).toEqual(['accepted', 'duplicate']));
    const before = [await count('submission'), await count('candidate'), await count('evidence')];
    expect((await sut.intake.import(OPERATOR, lines)).every(({ outcome }) => outcome === 'duplicate')).toBe(true);
    expect([await count('submission'), await count('candidate'), await count('evidence')]).toEqual(before);
  });

  it('keeps lines pending when no model answers', async () => {
    const [result] = await sut.restarted(MODEL_DOWN).intake.import(OPERATOR, [{ author: 'dark', text: CONCERN }]);
    expect(result).toMatchObject({ outcome: 'pending' });
    const [row] = await sut.query('SELECT status, attempts, next_attempt_at > engine.clock() AS later FROM deliberation.submission WHERE id = $1', [result?.submissionId]);
    expect(row).toEqual({ status: 'pending', attempts: 1, later: true });
  });

  it('takes at most 500 lines a call', async () => {
    await expect(sut.intake.import(OPERATOR, new Array(501).fill({}))).rejects.toMatchObject({ name: 'InvalidSubmission', field: 'submissions' });
  });
});

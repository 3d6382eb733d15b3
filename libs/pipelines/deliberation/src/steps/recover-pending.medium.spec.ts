import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase } from '@carillon/testing';
import { CONCERN, intakeUnderTest, MODEL_DOWN } from '../intake.fixture.js';
import type { IntakeUnderTest } from '../intake.fixture.js';
import { embedMissing } from './embed-missing.js';
import { recoverPending } from './recover-pending.js';

const HOUR = 3_600_000;
let sut: IntakeUnderTest;
let dark: IntakeUnderTest;

beforeAll(async () => {
  sut = await intakeUnderTest(await testDatabase());
  dark = sut.restarted({ ...MODEL_DOWN, burstQuarantineThresholdCount: 100, maxSubmissionsPerDay: 100 });
});
afterAll(() => sut.close());

const statusOf = async (id: string | undefined): Promise<unknown> => (await sut.query('SELECT status FROM deliberation.submission WHERE id = $1', [id]))[0]?.['status'];
const contributions = async (ref: string): Promise<unknown> => (await sut.query('SELECT contribution_count AS count FROM deliberation.account WHERE ref = $1', [ref]))[0]?.['count'];

describe('recovering what intake could not finish', () => {
  it('reads pending submissions later and credits their authors once, however often it runs', async () => {
    await sut.person('later');
    const { submissionId } = await dark.submit('later');
    expect(await sut.runStep(recoverPending)).toMatchObject({ kind: 'done', counts: { recovered: 0 } });
    await sut.advance(HOUR);
    expect(await sut.runStep(recoverPending)).toMatchObject({ counts: { recovered: 1, candidatesCreated: 1, contributionsCredited: 1 }, errors: [] });
    expect(await sut.runStep(recoverPending)).toMatchObject({ counts: { recovered: 0, contributionsCredited: 0 } });
    expect(await statusOf(submissionId)).toBe('canonicalized');
    expect(await contributions('later')).toBe(1);
  });

  it('takes over a submission whose process died between storing and reading it', async () => {
    const accountId = await sut.person('crash');
    await sut.query(
      `INSERT INTO deliberation.submission (id, account_id, raw_text, text_hash, language, status, submitted_at, next_attempt_at)
       VALUES (gen_random_uuid(), $1, $2, repeat('0', 64), 'en', 'pending', engine.clock(), engine.clock() + interval '30 seconds')`,
      [accountId, CONCERN],
    );
    expect(await sut.runStep(recoverPending)).toMatchObject({ counts: { recovered: 0 } });
    await sut.advance(31_000);
    expect(await sut.runStep(recoverPending)).toMatchObject({ counts: { recovered: 1 } });
    expect(await contributions('crash')).toBe(1);
  });

  it('gives a submission that two workers read at once to the first, and credits it once', async () => {
    await sut.person('raced');
    await dark.submit('raced');
    await sut.advance(HOUR);
    const outcomes = await Promise.all([sut.runStep(recoverPending), sut.runStep(recoverPending)]);
    expect(outcomes.map((outcome) => (outcome.kind === 'done' ? (outcome.counts?.['recovered'] ?? 0) : -1)).sort()).toEqual([0, 1]);
    expect(await contributions('raced')).toBe(1);
  });

  it('ends invalid ones rejected, with evidence and one notice, instead of processed (defect 10)', async () => {
    const accountId = await sut.person('late guest');
    const { submissionId } = await dark.submit('late guest', 'hello there');
    await sut.advance(HOUR);
    expect(await sut.runStep(recoverPending)).toMatchObject({ counts: { rejected: 1, contributionsCredited: 0 } });
    expect(await statusOf(submissionId)).toBe('rejected');
    const notices = await sut.query('SELECT recipient, message_type, content FROM notices.notice WHERE dedupe_key = $1', [`deliberation.rejected.${String(submissionId)}`]);
    expect(notices).toEqual([{ recipient: `account:${accountId}`, message_type: 'submission_rejected', content: expect.objectContaining({ reason: expect.stringMatching(/not accepted.*greeting/) }) }]);
    expect(await contributions('late guest')).toBe(0);
  });

  it('goes on with the others when readings fail, says which failed, and lets the local reader decide in the end (defect 11)', async () => {
    await sut.person('unlucky');
    const { submissionId } = await dark.submit('unlucky');
    const stubborn = sut.restarted({ ...MODEL_DOWN, pendingMaxAttempts: 2 });
    await sut.advance(HOUR);
    expect(await stubborn.runStep(recoverPending)).toMatchObject({ counts: { stillPending: 1 }, errors: [expect.stringContaining(String(submissionId))] });
    await sut.advance(HOUR);
    expect(await stubborn.runStep(recoverPending)).toMatchObject({ counts: { stillPending: 0, recovered: 1 }, errors: [] });
  });

  it('lets a held submission go when its time is over and the burst has ended, not before', async () => {
    await sut.person('eager');
    for (let count = 0; count < 2; count += 1) await sut.submit('eager');
    const { submissionId } = await sut.submit('eager');
    await sut.advance(30 * 60_000);
    await sut.runStep(recoverPending);
    expect(await statusOf(submissionId)).toBe('quarantined');
    await sut.advance(31 * 60_000);
    expect(await sut.runStep(recoverPending)).toMatchObject({ counts: { released: 1, recovered: 1 } });
    expect(await contributions('eager')).toBe(3);
    const events = await sut.query('SELECT event_type FROM deliberation.evidence WHERE entity_id = $1 ORDER BY recorded_at, id', [submissionId]);
    expect(events.map((row) => row['event_type'])).toEqual(['submission_received', 'submission_quarantined', 'submission_released', 'candidate_created']);
  });
});

describe('embedding what lacks a vector', () => {
  it('fills missing vectors and replaces those of a model that is not used any more; a second run changes nothing', async () => {
    const [before] = await sut.query<{ count: number }>('SELECT count(*)::int AS count FROM deliberation.candidate');
    await sut.query("UPDATE deliberation.candidate SET embedding = NULL, embedding_model = NULL, embedding_dimensions = NULL WHERE id IN (SELECT id FROM deliberation.candidate LIMIT 2)");
    await sut.query("UPDATE deliberation.candidate SET embedding_model = 'old-model' WHERE embedding_model IS NOT NULL");
    expect(await sut.runStep(embedMissing)).toMatchObject({ counts: { embeddingsComputed: before?.count }, errors: [] });
    expect(await sut.query('SELECT DISTINCT embedding_model, embedding_dimensions FROM deliberation.candidate')).toEqual([{ embedding_model: 'hashed-ngram-512', embedding_dimensions: 512 }]);
    expect(await sut.runStep(embedMissing)).toMatchObject({ counts: { embeddingsComputed: 0 } });
  });
});

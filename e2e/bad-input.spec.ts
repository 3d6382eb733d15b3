/** Whatever is sent, the sender hears what is wrong with it or the message is kept as a dead letter, and the next good one is served as if nothing had been. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@carillon/testing';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Tower } from './harness.js';

interface ProblemBody {
  status: number;
  title: string;
  detail: string;
  errors?: { field: string; message: string }[];
}

let tower: Tower;
let pids: number[];
let operator: NatsConnection;
beforeAll(async () => {
  tower = await Tower.open({ env: { MAX_SUBMISSIONS_PER_DAY: '1000', BURST_QUARANTINE_THRESHOLD_COUNT: '1000', BATCH_THRESHOLD: '100000', HTTP_BODY_LIMIT_BYTES: '2097152' } });
  pids = tower.pids();
  operator = await tower.connect('operator');
  await tower.register('resident');
});
afterAll(() => tower.close());

/** The promise of this file, after each of its tests. */
afterEach(async () => {
  expect((await submit({ text: `The bridge at Mill Lane floods every winter, the council should raise it. Notice ${(good += 1)}.` })).body).toMatchObject({ outcome: 'accepted' });
  expect(tower.fell).toEqual([]);
  expect(tower.pids()).toEqual(pids);
  for (const service of ['intake', 'scheduler', 'notifier', 'backup'] as const) expect((await tower.ask(service, 'GET', '/health/ready')).status).toBe(200);
});
let good = 0;

const submit = (fields: object): ReturnType<Tower['ask']> => tower.ask('intake', 'POST', '/deliberation/submissions', { author: 'resident', ...fields });
const post = (path: string, body: unknown, headers?: Record<string, string>): ReturnType<typeof tower.ask<ProblemBody>> => tower.ask<ProblemBody>('intake', 'POST', path, body, headers);

/** A refusal as a client reads it. */
function expectProblem(answer: { status: number; contentType: string; body: ProblemBody }, status: number, field?: string): void {
  expect({ status: answer.status, contentType: answer.contentType }).toEqual({ status, contentType: 'application/problem+json; charset=utf-8' });
  expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.stringMatching(/\S/) });
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\bat \S+:\d+|SELECT|INSERT/);
  if (field !== undefined) expect(answer.body.errors?.map((error) => error.field)).toContain(field);
}

describe('over HTTP', () => {
  it.each([
    ['cut off', '{"author": "resident", "text": "half of'],
    ['not JSON', 'author=resident'],
    ['an empty body', ''],
    ['bytes', new Uint8Array([0xff, 0xfe, 0x00, 0x80])],
  ])('refuses JSON that can not be read: %s', async (_name, body) => expectProblem(await post('/deliberation/submissions', body), 400));

  it.each([['an array', []], ['a number', '7'], ['null', 'null'], ['a text', '"hello"']])('refuses a body that is no object: %s', async (_name, body) =>
    expectProblem(await post('/deliberation/submissions', body), 400),
  );

  it.each([
    ['text', { text: 7 }],
    ['text', { text: ['a'] }],
    ['text', { text: '' }],
    ['text', { text: ' \n\t ' }],
    ['text', {}],
    ['author', { author: { ref: 'resident' }, text: 'Plant trees.' }],
    ['author', { author: null, text: 'Plant trees.' }],
    ['language', { text: 'Plant trees.', language: 'de' }],
    ['externalId', { text: 'Plant trees.', externalId: 9 }],
    ['externalId', { text: 'Plant trees.', externalId: 'x'.repeat(201) }],
    ['submittedAt', { text: 'Plant trees.', submittedAt: 'yesterday' }],
    ['submittedAt', { text: 'Plant trees.', submittedAt: 9e15 }],
    ['mood', { text: 'Plant trees.', mood: 'good' }],
    ['text', { text: 'Plant \0 trees.' }],
    ['externalId', { text: 'Plant trees.', externalId: 'a\0b' }],
    ['text', { text: 'Plant \ud83c trees.' }],
    ['text', { text: 'x'.repeat(1_000_000) }],
  ])('names the field that is wrong: %s', async (field, fields) => expectProblem(await post('/deliberation/submissions', { author: 'resident', ...fields }), 400, field));

  it('takes a prototype for what it is: an unknown field', async () => {
    expectProblem(await post('/deliberation/submissions', '{"author":"resident","text":"Plant trees.","__proto__":{"language":"fa"}}'), 400);
    expectProblem(await post('/deliberation/submissions', '{"author":"resident","text":"Plant trees.","constructor":{"prototype":{}}}'), 400);
  });

  it('refuses what is nested without end', async () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/deliberation', `{"params":${nested(200_000)}}`), 400);
    expectProblem(await post('/deliberation/submissions', `{"author":"resident","text":${nested(200_000)}}`), 400, 'text');
  });

  it('refuses a body over the limit without reading it to the end', async () => {
    // Only a part of it is ever sent: whoever waits for the rest would not answer.
    const headers = { authorization: `Bearer ${tower.apiKey}`, 'content-type': 'application/json', 'content-length': 3_000_000 };
    const request = httpRequest(new URL('/deliberation/submissions', tower.service('intake').url), { method: 'POST', headers, timeout: 20_000 });
    request.on('timeout', () => request.destroy(new Error('not answered before the end of the body')));
    request.write(`{"author":"resident","text":"${'x'.repeat(50_000)}`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = JSON.parse(await readText(response)) as ProblemBody;
    request.destroy();
    expectProblem({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body }, 413);
  });

  it('refuses a body that does not say it is JSON', async () => expectProblem(await post('/deliberation/submissions', '{"author":"resident","text":"Plant trees."}', { 'content-type': 'text/csv' }), 415));

  it('refuses an import of more than 500 lines, or of none, or of no list', async () => {
    const lines = Array.from({ length: 501 }, (_, index) => ({ author: 'resident', text: `Plant tree ${index}.` }));
    expectProblem(await post('/deliberation/imports', { submissions: lines }), 400, 'submissions');
    expectProblem(await post('/deliberation/imports', { submissions: [] }), 400, 'submissions');
    expectProblem(await post('/deliberation/imports', { submissions: 'all' }), 400, 'submissions');
    expectProblem(await post('/deliberation/imports', { submissions: lines.slice(0, 1), force: true }), 400, 'force');
  });

  it('answers every line of an import by itself: the bad ones are told, the good ones stored', async () => {
    const submissions = [{ author: 'importer', text: 'The school kitchen should cook with food from nearby farms.', externalId: 'ok' }, 'not an object', { author: 'importer', text: 'a\0b' }, { author: 'importer' }, null, [], { author: 'importer', text: 'x'.repeat(1_000_000) }, { author: 'importer', text: '\udc00' }];
    const { status, body } = await tower.ask<{ results: { outcome: string; message: string }[] }>('intake', 'POST', '/deliberation/imports', { submissions });
    expect(status).toBe(200);
    expect(body.results.map(({ outcome }) => outcome)).toEqual(['accepted', ...Array<string>(7).fill('failed')]);
    for (const { message } of body.results) expect(message).toMatch(/\S/);
  });

  it('refuses a missing, an unknown and an insufficient API key', async () => {
    const readOnly = (await tower.carillon('keys', 'issue', 'reader', '--rights', 'read')).stdout.trim();
    const fields = { author: 'resident', text: 'Plant trees.' };
    expectProblem(await post('/deliberation/submissions', fields, { authorization: '' }), 401);
    expectProblem(await post('/deliberation/submissions', fields, { authorization: 'Basic cmVzaWRlbnQ6eA==' }), 401);
    expectProblem(await post('/deliberation/submissions', fields, { authorization: 'Bearer of-bad-news' }), 401);
    const refused = await post('/deliberation/submissions', fields, { authorization: `Bearer ${readOnly}` });
    expectProblem(refused, 403);
    expect(refused.body.detail).toContain('submit');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/deliberation', {}, { authorization: `Bearer ${readOnly}` }), 403);
  });

  it('refuses a path, an id or an account reference that is none', async () => {
    expectProblem(await tower.ask<ProblemBody>('intake', 'GET', '/deliberation/nothing-here'), 404);
    expectProblem(await tower.ask<ProblemBody>('intake', 'GET', '/deliberation/clusters/1%27%20OR%201=1'), 400);
    expectProblem(await tower.ask<ProblemBody>('intake', 'PUT', '/deliberation/accounts/a%20b', {}), 400, 'ref');
    expectProblem(await tower.ask<ProblemBody>('intake', 'PUT', '/deliberation/accounts/%00', {}), 400);
    expectProblem(await tower.ask<ProblemBody>('intake', 'PUT', '/deliberation/accounts/someone', { linkedAt: 'long ago' }), 400, 'linkedAt');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/nothing', {}), 404);
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/deliberation', { dedupeKey: 5 }), 400, 'dedupeKey');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/deliberation', { dedupeKey: 'a\0b' }), 400, 'dedupeKey');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/deliberation', { params: { list: ['\ud800'] } }), 400, 'params');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'POST', '/runs/deliberation/cancel', { reason: 'a\0b' }), 400, 'reason');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'GET', '/runs?limit=many'), 400, 'limit');
    expectProblem(await tower.ask<ProblemBody>('scheduler', 'GET', '/runs?pipeline=%00'), 400, 'pipeline');
  });
});

/** What no handler can read, each as bytes. */
const UNREADABLE: [string, Uint8Array][] = [
  ['binary garbage', randomBytes(64).fill(0xff, 0, 4)],
  ['truncated JSON', Buffer.from('{"user_id": "chan')],
  ['an array', Buffer.from('[{"user_id":"x"}]')],
  ['a number', Buffer.from('42')],
  ['an escaped NUL', Buffer.from('{"user_id":"a\\u0000b"}')],
  ['a lone surrogate', Buffer.from('{"user_id":"\\ud800"}')],
];

interface DeadLetter {
  subject: string;
  reason: string;
  payload: Buffer;
}

/** The dead letter that holds exactly these bytes. */
function deadLetter(subject: string, payload: Uint8Array): Promise<DeadLetter> {
  const find = async (): Promise<DeadLetter | undefined> => (await tower.query<DeadLetter>('SELECT subject, reason, payload FROM engine.dead_letter WHERE subject = $1 AND payload = $2', subject, payload))[0];
  return eventually(find, { what: `a dead letter from ${subject}` });
}

async function refusal(subject: string, payload: Uint8Array | string): Promise<{ code: string; message: string }> {
  const answer = (await operator.request(subject, payload, { timeout: 10_000 })).json<{ error?: { code: string; message: string } }>();
  if (!answer.error) throw new Error(`${subject} was not refused: ${JSON.stringify(answer)}`);
  return answer.error;
}

describe('requests over the bus', () => {
  describe.each(['run.deliberation.request', 'run.deliberation.cancel', 'intake.submission.submit', 'backup.request'])('%s', (subject) => {
    it.each(UNREADABLE)('is told what is wrong, and kept: %s', async (_name, payload) => {
      expect(await refusal(subject, payload)).toMatchObject({ code: 'undecodable_message', message: expect.stringMatching(/\S/) });
      expect(await deadLetter(subject, payload)).toMatchObject({ reason: 'undecodable' });
    });
  });

  it.each([
    ['run.deliberation.request', 'scope', { scope: 5 }],
    ['run.deliberation.request', 'params', { params: [] }],
    ['run.deliberation.request', 'dedupeKey', { dedupeKey: 'x'.repeat(201) }],
    ['run.deliberation.request', 'when', { when: 'now' }],
    ['run.deliberation.requestMany', 'runs.1.scope', { runs: [{}, { scope: 5 }] }],
    ['run.deliberation.requestMany', 'runs', { runs: [] }],
    ['run.deliberation.cancel', 'runId', { runId: 'the last one' }],
    ['intake.submission.submit', 'text', { author: 'resident' }],
    ['intake.submission.submit', 'admin', { author: 'resident', text: 'Plant trees.', admin: true }],
    ['intake.submission.submit', 'text', { author: 'resident', text: 'x'.repeat(900_000) }],
  ])('%s names the field that is wrong: %s', async (subject, field, message) => {
    const error = await refusal(subject, JSON.stringify(message));
    expect(error).toMatchObject({ code: 'invalid_message', message: expect.stringContaining(field) });
    expect(error.message.length).toBeLessThan(2_000);
  });

  it('names the pipelines there are when asked for one that is not', async () => {
    expect(await refusal('run.nothing.request', '')).toEqual({ code: 'unknown_pipeline', message: expect.stringContaining('deliberation') });
    expect(await refusal('run.nothing.cancel', '{}')).toEqual({ code: 'unknown_pipeline', message: expect.stringContaining('deliberation') });
  });

  it('refuses blank text and dates in the future as over HTTP', async () => {
    expect(await refusal('intake.submission.submit', JSON.stringify({ author: 'resident', text: ' ' }))).toEqual({ code: 'invalid_submission', message: expect.stringContaining('text') });
    expect(await refusal('intake.submission.submit', JSON.stringify({ author: 'resident', text: 'Plant trees.', submittedAt: 9e15 }))).toEqual({ code: 'invalid_submission', message: expect.stringContaining('submittedAt') });
  });
});

describe('work over the bus', () => {
  it.each(UNREADABLE)('keeps a notice that can not be read as a dead letter: %s', async (_name, payload) => {
    await jetstream(operator).publish('notify.telegram', payload);
    expect(await deadLetter('notify.telegram', payload)).toMatchObject({ reason: 'undecodable' });
  });

  it.each([
    [{}],
    [{ user_id: 7, message_type: 'text', content: {} }],
    [{ user_id: 'channel:a', message_type: 'text', content: [] }],
    [{ user_id: 'channel:a', message_type: 'text', content: { text: 'hello' }, urgent: true }],
    [{ user_id: 'channel:a', message_type: 'text', content: { text: 'hello' }, notice_id: 'first' }],
  ])('keeps a notice with wrong fields as a dead letter: %j', async (notice) => {
    const payload = Buffer.from(JSON.stringify(notice));
    await jetstream(operator).publish('notify.telegram', payload);
    expect(await deadLetter('notify.telegram', payload)).toMatchObject({ reason: 'invalid' });
  });

  it('records a notice of an unknown type as dead, with the reason', async () => {
    await jetstream(operator).publish('notify.telegram', JSON.stringify({ user_id: 'channel:a', message_type: 'carrier-pigeon', content: {} }));
    const find = async (): Promise<{ error: string } | undefined> => (await tower.query<{ error: string }>(`SELECT error FROM notices.notice WHERE message_type = 'carrier-pigeon' AND status = 'dead'`))[0];
    expect((await eventually(find, { what: 'the notice is dead' })).error).toContain('carrier-pigeon');
  });

  it.each([['step.deliberation.cluster'], ['step.deliberation.embedMissing']])('keeps a step message that nobody can read as a dead letter: %s', async (subject) => {
    const scheduler = jetstream(await tower.connect('scheduler'));
    for (const [, payload] of UNREADABLE) {
      await scheduler.publish(subject, payload);
      expect(await deadLetter(subject, payload)).toMatchObject({ reason: 'undecodable' });
    }
    const wrong = Buffer.from(JSON.stringify({ stepId: 'seven', runId: 1 }));
    await scheduler.publish(subject, wrong);
    expect(await deadLetter(subject, wrong)).toMatchObject({ reason: 'invalid' });
  });

  it('lets a step message about a step that is not there pass without a trace', async () => {
    const before = await tower.query('SELECT id FROM engine.dead_letter');
    const [stepId, runId] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    await jetstream(await tower.connect('scheduler')).publish('step.deliberation.cluster', JSON.stringify({ stepId, runId, pipeline: 'deliberation', step: 'cluster', attempt: 1 }));
    expect((await tower.carillon('run', 'deliberation', '--wait')).code).toBe(0);
    expect(await tower.query('SELECT id FROM engine.dead_letter')).toHaveLength(before.length);
  });

  it('lists the dead letters for operators, a notice of an unknown type among them', async () => {
    const { body } = await tower.ask<{ subject: string; reason: string }[]>('scheduler', 'GET', '/dead-letters');
    expect(new Set(body.map(({ reason }) => reason))).toEqual(new Set(['undecodable', 'invalid', 'notice']));
  });
});

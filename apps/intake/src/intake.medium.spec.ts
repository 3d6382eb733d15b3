import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApiKey, createDataSource, newId } from '@carillon/persistence';
import { eventually, natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';
import type { FakeTelegram } from '../spec/fake-telegram.js';
import { fakeTelegram, person } from '../spec/fake-telegram.js';

interface Answer {
  status: number;
  type: string;
  body: { outcome?: string; detail?: string; errors?: { field: string }[]; results?: { outcome: string }[] };
}

/** Read by the local reader as a concern, each time in other words. */
const concern = (number: number): string => `The bus to district ${number} should run every ten minutes, because people wait too long in the cold.`;

const SECRET = 'only-telegram-knows-this';
let databaseUrl: string;
let nats: NatsServer;
let telegram: FakeTelegram;
let intake: ServiceProcess;
let keys: Record<'all' | 'submitter' | 'reader', string>;

beforeAll(async () => {
  const [database, server, bot] = await Promise.all([testDatabase(), natsServer(), fakeTelegram()]);
  [nats, telegram] = [server, bot];
  databaseUrl = database.url;
  const dataSource = await createDataSource({ url: database.url, service: 'spec' });
  const [all = '', submitter = '', reader = ''] = await Promise.all([
    createApiKey(dataSource, 'all', ['submit', 'import', 'operate', 'read']),
    createApiKey(dataSource, 'submitter', ['submit']),
    createApiKey(dataSource, 'reader', ['read']),
  ]);
  keys = { all, submitter, reader };
  await dataSource.destroy();
  intake = await spawnService('intake', { DATABASE_URL: database.url, NATS_URL: nats.url, MAX_SUBMISSIONS_PER_DAY: '4', BURST_QUARANTINE_THRESHOLD_COUNT: '3', TELEGRAM_UPDATES: 'webhook', TELEGRAM_BOT_TOKEN: '42:secret', TELEGRAM_API_ROOT: telegram.root, TELEGRAM_WEBHOOK_SECRET: SECRET });
  await intake.ready();
  for (const author of ['ann', 'ben', 'cyd', 'dan']) await call('PUT', `/deliberation/accounts/${author}`, { emailVerified: true, messagingVerified: true, linkedAt: '2020-01-01T00:00:00Z' });
});
afterAll(async () => {
  await intake.kill();
  await telegram.close();
  await nats.stop();
});

async function call(method: string, path: string, body?: unknown, key: string | undefined = keys.all): Promise<Answer> {
  const headers = { ...(key !== '' && { authorization: `Bearer ${key}` }), ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(`${intake.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: text.startsWith('{') && !text.includes('}\n{') ? (JSON.parse(text) as Answer['body']) : {} };
}
const submit = async (author: string, text: string, more: object = {}): Promise<[number, string | undefined]> => {
  const { status, body } = await call('POST', '/deliberation/submissions', { author, text, ...more });
  return [status, body.outcome];
};

describe('a submission is answered with the status of its outcome', () => {
  it('created when it is accepted, and OK when it was there before', async () => {
    expect(await submit('ann', concern(1), { externalId: 'a/1' })).toEqual([201, 'accepted']);
    expect(await submit('ann', concern(1), { externalId: 'a/1' })).toEqual([200, 'duplicate']);
  });

  it('unprocessable when it says nothing, or tells personal data', async () => {
    expect(await submit('ben', 'asdf qwer zxcv hjkl')).toEqual([422, 'rejected']);
    expect(await submit('cyd', `${concern(2)} Write to cyd@marlow.example.`)).toEqual([422, 'pii_redact_and_resend']);
  });

  it('accepted for later when it comes in a burst, and too many after the daily limit', async () => {
    const answers: [number, string | undefined][] = [];
    for (let number = 10; number < 15; number += 1) answers.push(await submit('dan', concern(number)));
    expect(answers).toEqual([[201, 'accepted'], [201, 'accepted'], [202, 'quarantined'], [202, 'quarantined'], [429, 'daily_limit']]);
  });

  it('forbidden when its author may not submit', async () => {
    expect(await submit('stranger', concern(3))).toEqual([403, 'not_eligible']);
  });
});

describe('a request that is refused', () => {
  it.each<[string, [string, string, unknown?, ('submitter' | 'reader' | 'nobody')?], [number, string?]]>([
    ['without a key', ['POST', '/deliberation/submissions', {}, 'nobody'], [401]],
    ['without the right to submit', ['POST', '/deliberation/submissions', {}, 'reader'], [403]],
    ['without the right to import', ['POST', '/deliberation/imports', { submissions: [{}] }, 'submitter'], [403]],
    ['without the right to operate', ['PUT', '/deliberation/accounts/eve', {}, 'submitter'], [403]],
    ['with an unknown field', ['POST', '/deliberation/submissions', { author: 'ann', text: 'x', mood: 'good' }], [400, 'mood']],
    ['without a text', ['POST', '/deliberation/submissions', { author: 'ann' }], [400, 'text']],
    ['with no lines', ['POST', '/deliberation/imports', { submissions: [] }], [400, 'submissions']],
    ['with too many lines', ['POST', '/deliberation/imports', { submissions: Array.from({ length: 501 }, () => ({})) }], [400, 'submissions']],
    ['with a reference that can not be', ['PUT', '/deliberation/accounts/e%20e', {}], [400, 'ref']],
    ['with a time that is none', ['PUT', '/deliberation/accounts/eve', { linkedAt: 'soon' }], [400, 'linkedAt']],
    ['for a cluster that is not there', ['GET', `/deliberation/clusters/${newId()}`], [404]],
    ['for the history of a cluster that is not there', ['GET', `/deliberation/clusters/${newId()}/history`], [404]],
    ['for a clustering that is not there', ['GET', `/deliberation/clusterings/${newId()}/diff/${newId()}`], [404]],
    ['without the right to make a grouping again', ['POST', `/deliberation/clusterings/${newId()}/reproduction`, undefined, 'reader'], [403]],
    ['for an id that is none', ['GET', '/deliberation/clusters/7'], [400]],
    ['for the proof of an entry that is not there', ['GET', '/deliberation/evidence/1000000/proof'], [404]],
    ['for the proof of something that is no entry', ['GET', '/deliberation/evidence/-1/proof'], [404]],
    ['for an export after no number', ['GET', '/deliberation/evidence?after=x'], [400, 'after']],
    ['for a page that is not there', ['GET', '/deliberation/mood'], [404]],
  ])('%s says so as problem+json, with the field', async (_what, [method, path, body, key], [status, field]) => {
    const answer = await call(method, path, body, key === undefined ? keys.all : key === 'nobody' ? '' : keys[key]);
    expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json'), body: { status, title: expect.any(String), detail: expect.any(String) } });
    if (field !== undefined) expect(answer.body.errors?.map((one) => one.field)).toContain(field);
  });

  it('tells which right is missing', async () => {
    expect((await call('POST', '/deliberation/imports', { submissions: [{}] }, keys.submitter)).body.detail).toBe('the key "submitter" lacks the right "import"; it has submit');
  });
});

it('an import answers each line by itself', async () => {
  const { status, body } = await call('POST', '/deliberation/imports', { submissions: [{ author: 'eli', text: concern(20), submittedAt: 1_600_000_000_000 }, { author: 'eli' }] });
  expect([status, body.results?.map(({ outcome }) => outcome)]).toEqual([200, ['accepted', 'failed']]);
});

it('what is public wants no key, what reads everything does', async () => {
  for (const path of ['clusters', 'clusterings', 'ballot', 'results', 'evidence', 'evidence?after=1', 'evidence/roots']) expect([path, (await call('GET', `/deliberation/${path}`, undefined, '')).status]).toEqual([path, 200]);
  expect((await call('GET', '/deliberation/evidence/verification', undefined, '')).status).toBe(401);
  expect(await call('GET', '/deliberation/evidence/verification', undefined, keys.reader)).toMatchObject({ status: 200, body: { valid: true } });
});

describe('a person', () => {
  const json = { 'content-type': 'application/json' };
  const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> => fetch(`${intake.url}/deliberation${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
  let cookie = '';

  it('asks for a link, gets the same answer whoever it is, and never the link', async () => {
    const [one, other] = [await post('/auth/links', { email: 'ann@town.example' }), await post('/auth/links', { email: 'nobody@elsewhere.example' })];
    expect([one.status, other.status, await one.text()]).toEqual([202, 202, await other.text()]);
    expect([(await post('/auth/links', { email: 'no address' })).status, (await post('/auth/links', { email: 'a@b.example' }, { origin: 'https://evil.example' })).status]).toEqual([400, 403]);
  });

  it('is signed in by a cookie that no script can read, on a page that cannot be framed', async () => {
    const database = await createDataSource({ url: databaseUrl, service: 'spec' });
    const [letter] = await database.manager.query<{ link: string }[]>(`SELECT content->>'link' AS link FROM notices.notice n JOIN notices.address a USING (recipient) WHERE a.address = 'ann@town.example'`);
    await database.destroy();
    const page = await fetch(`${intake.url}/deliberation/auth/verify?token=x`);
    expect([page.status, page.headers.get('content-security-policy'), page.headers.get('referrer-policy'), page.headers.get('cache-control')]).toEqual([200, expect.stringContaining("frame-ancestors 'none'"), 'no-referrer', 'no-store']);
    const token = new URL(letter?.link ?? '').searchParams.get('token');
    const answer = await post('/auth/verify', { token });
    expect(await answer.json()).toEqual({ registered: true, expiresAt: expect.any(String) });
    const set = answer.headers.get('set-cookie') ?? '';
    // Thirty days, less the time that the answer took: 2592000 when both fall into one millisecond.
    expect(set).toMatch(/^carillon_session=[\w-]{43}; Path=\/; Max-Age=(?:2591\d{3}|2592000); HttpOnly; SameSite=Strict$/);
    cookie = set.split(';')[0] ?? '';
    expect((await post('/auth/verify', { token })).status).toBe(401);
  });

  it('sees and does only its own, and nothing without the cookie or from another site', async () => {
    const me = await fetch(`${intake.url}/deliberation/me`, { headers: { cookie } });
    expect(await me.json()).toMatchObject({ emailVerified: true, messagingVerified: false, contributionCount: 0 });
    expect((await post('/me/linking-codes', {}, { cookie })).status).toBe(201);
    expect((await post('/me/submissions', { text: concern(40) }, { cookie })).status).toBe(403);
    expect((await post('/ballot/votes', { cycleId: newId(), selections: [] }, { cookie })).status).toBe(404);
    expect((await fetch(`${intake.url}/deliberation/clusters/${newId()}/endorsement`, { method: 'PUT', headers: { cookie } })).status).toBe(403);
    expect((await post('/me/disputes', { submissionId: newId(), kind: 'misunderstood' }, { cookie })).status).toBe(404);
    const guarded: [string, string][] = [['GET', '/me'], ['DELETE', '/me'], ['GET', '/me/submissions'], ['POST', '/me/submissions'], ['POST', `/me/submissions/${newId()}/withdrawal`], ['POST', '/me/linking-codes'], ['POST', '/me/logout-everywhere'], ['GET', '/me/vote'], ['GET', '/me/endorsable'], ['POST', '/ballot/votes'], ['PUT', `/clusters/${newId()}/endorsement`], ['DELETE', `/clusters/${newId()}/endorsement`], ['GET', '/me/disputes'], ['POST', '/me/disputes'], ['POST', `/clusters/${newId()}/disputes`]];
    for (const [method, path] of guarded) {
      const status = async (headers: Record<string, string>): Promise<number> => (await fetch(`${intake.url}/deliberation${path}`, { method, headers: { ...headers, ...(method === 'POST' && json) }, ...(method === 'POST' && { body: '{}' }) })).status;
      expect([path, await status({}), await status({ cookie: 'carillon_session=made-up-made-up-made-up' })]).toEqual([path, 401, 401]);
      if (method !== 'GET') expect([path, await status({ cookie, origin: 'https://evil.example' })]).toEqual([path, 403]);
    }
  });

  it('links its chat by the code, and when the link is old enough endorses a concern and votes, once each', async () => {
    const send = async (method: string, path: string, body?: object): Promise<[number, Record<string, unknown>]> => {
      const answer = await fetch(`${intake.url}/deliberation${path}`, { method, headers: { cookie, ...(body && json) }, ...(body && { body: JSON.stringify(body) }) });
      return [answer.status, (await answer.json()) as Record<string, unknown>];
    };
    const [, { code }] = await send('POST', '/me/linking-codes', {});
    await fetch(`${intake.url}/telegram/webhook`, { method: 'POST', headers: { ...json, 'x-telegram-bot-api-secret-token': SECRET }, body: JSON.stringify(person(500).writes(`/link ${String(code)}`)) });
    await eventually(async () => (await send('GET', '/me'))[1]['messagingVerified'], { what: 'the chat is linked' });

    const database = await createDataSource({ url: databaseUrl, service: 'spec' });
    const [cluster, cycle, option, other] = [newId(), newId(), newId(), newId()];
    const text = JSON.stringify({ en: 'Night buses' });
    await database.query(
      `INSERT INTO deliberation.cluster (id, embedding_model, title, summary, question, member_count, centroid, cohesion, persistence, created_run_id, updated_run_id) VALUES ($1, 'none', $2, $2, $2, 12, '', 1, 1, $1, $1)`,
      [cluster, text],
    );
    for (const [index, id] of [option, other].entries()) {
      await database.query(`INSERT INTO deliberation.policy_option (id, cluster_id, generation, position, label, description, provider, model_version) VALUES ($1, $2, 1, $3, $4, $4, 'spec', 'spec')`, [id, cluster, index + 1, text]);
    }
    const endorsement = `/clusters/${cluster}/endorsement`;
    expect(await send('PUT', endorsement)).toMatchObject([403, { detail: expect.stringContaining('linked for a while') }]);
    await database.query(`UPDATE deliberation.account SET linked_at = linked_at - interval '49 hours' WHERE messaging_verified AND contribution_count = 0`);

    expect(await send('GET', '/me/endorsable')).toMatchObject([200, { next: { id: cluster, endorsements: 0 } }]);
    expect([await send('PUT', endorsement), await send('PUT', endorsement)]).toEqual([[200, { outcome: 'endorsed' }], [200, { outcome: 'already_endorsed' }]]);
    expect((await call('GET', `/deliberation/clusters/${cluster}`, undefined, '')).body).toMatchObject({ supporters: 1 });
    expect(await send('GET', '/me')).toMatchObject([200, { contributionCount: 1 }]);

    await database.query(`INSERT INTO deliberation.voting_cycle (id, started_at, ends_at, status, opened_run_id) VALUES ($1, engine.clock(), engine.clock() + interval '2 days', 'active', $1)`, [cycle]);
    await database.query('INSERT INTO deliberation.ballot_item (cycle_id, cluster_id, position) VALUES ($1, $2, 1)', [cycle, cluster]);
    await database.query('INSERT INTO deliberation.ballot_option (cycle_id, cluster_id, option_id, position) SELECT $1, cluster_id, id, position FROM deliberation.policy_option WHERE cluster_id = $2', [cycle, cluster]);
    expect(await send('GET', '/ballot/items/1')).toMatchObject([200, { cycleId: cycle, of: 1, item: { clusterId: cluster, options: [{ id: option }, { id: other }] } }]);
    const selections = [{ cluster_id: cluster, option_id: option }];
    const [status, vote] = await send('POST', '/ballot/votes', { cycleId: cycle, selections, key: 'one' });
    expect([status, vote]).toEqual([201, { voteId: expect.any(String), changesLeft: 1 }]);
    expect(await send('POST', '/ballot/votes', { cycleId: cycle, selections, key: 'one' })).toEqual([201, vote]);
    expect(await send('GET', '/me/vote')).toEqual([200, { cycleId: cycle, selections, changesLeft: 1 }]);
    const changed = [{ cluster_id: cluster, option_id: other }];
    expect(await send('POST', '/ballot/votes', { cycleId: cycle, selections: changed })).toMatchObject([201, { changesLeft: 0 }]);
    expect((await send('POST', '/ballot/votes', { cycleId: cycle, selections: changed }))[0]).toBe(429);
    expect(await send('GET', '/me/vote')).toMatchObject([200, { selections: changed }]);
    const evidence = await database.query<{ event: string; count: number }[]>(`SELECT event_type AS event, count(*)::int AS count FROM deliberation.evidence WHERE event_type IN ('policy_endorsed', 'vote_cast') GROUP BY 1 ORDER BY 1`);
    expect(evidence).toEqual([{ event: 'policy_endorsed', count: 1 }, { event: 'vote_cast', count: 2 }]);
    await database.query(`UPDATE deliberation.voting_cycle SET status = 'tallied' WHERE id = $1`, [cycle]);

    // Nothing about a concern that sleeps is hidden; it just can not be endorsed now.
    await database.query(`UPDATE deliberation.cluster SET status = 'dormant', dormant_at = engine.clock(), dormant_run_id = $1 WHERE id = $1`, [cluster]);
    expect(await send('PUT', endorsement)).toMatchObject([409, { detail: expect.stringContaining('this concern is asleep') }]);
    expect((await call('GET', `/deliberation/clusters/${cluster}`, undefined, '')).body).toMatchObject({ status: 'dormant', supporters: 1, dormantSince: expect.any(String) });
    const listed = async (query: string): Promise<unknown> => (await fetch(`${intake.url}/deliberation/clusters${query}`)).json();
    expect([await listed(''), await listed('?status=dormant'), await listed('?status=archived')]).toMatchObject([[], [{ id: cluster }], []]);
    expect((await call('GET', '/deliberation/clusters?status=tired', undefined, '')).status).toBe(400);
    await database.destroy();
  });

  it('leaves', async () => {
    expect((await post('/auth/logout', {}, { cookie })).headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await fetch(`${intake.url}/deliberation/me`, { headers: { cookie } })).status).toBe(401);
  });
});

it('an update of the bot is taken from who knows the secret alone (defect 20)', async () => {
  const bring = async (body: object, secret?: string): Promise<number> =>
    (await fetch(`${intake.url}/telegram/webhook`, { method: 'POST', headers: { 'content-type': 'application/json', ...(secret !== undefined && { 'x-telegram-bot-api-secret-token': secret }) }, body: JSON.stringify(body) })).status;
  expect([await bring({ update_id: 1 }), await bring({ update_id: 1 }, 'guessed'), await bring({}, SECRET), await bring({ update_id: 1 }, SECRET), await bring({ update_id: 1 }, SECRET)]).toEqual([401, 401, 400, 200, 200]);
});

it('it says that it lives and is ready', async () => {
  expect(await call('GET', '/health/live', undefined, '')).toMatchObject({ status: 200, body: { status: 'live', service: 'intake' } });
  expect(await call('GET', '/health/ready', undefined, '')).toMatchObject({ status: 200, body: { status: 'ready', database: 'ok', nats: 'ok' } });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendEvidence, computeDailyRoots, deliberationEntities, deliberationMigrations, deliberationPipeline, DeliberationSettings, sealPending } from '@carillon/deliberation';
import { connectBus } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createDataSource, createRun, DeadLetterStore, holderOf, inTransaction, newId, NoticeLedger, openAlerts, queueNotice, recordModelCall, syncSchedules } from '@carillon/persistence';
import type { CreatedRun, HostedPipeline } from '@carillon/persistence';
import { natsServer, testDatabase } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { carillon } from '../../spec/carillon.js';
import { alertsCommand } from './alerts.js';
import { clustersCommand } from './clusters.js';
import { configCommand } from './config.js';
import { deadLettersCommand } from './dead-letters.js';
import { evidenceCommand } from './evidence.js';
import { historyCommand } from './history.js';
import { keysCommand } from './keys.js';
import { noticesCommand } from './notices.js';
import { runCommand } from './run.js';
import { runsCommand } from './runs.js';
import { schedulesCommand } from './schedules.js';

let dataSource: DataSource;
let nats: NatsServer;
let bus: Bus;
const pipeline = deliberationPipeline(new DeliberationSettings());

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  nats = server;
  Object.assign(process.env, { DATABASE_URL: database.url, NATS_URL: nats.url, TELEGRAM_BOT_TOKEN: '42:secret' });
  dataSource = await createDataSource({ url: database.url, service: 'spec', entities: [...deliberationEntities], migrations: [...deliberationMigrations] });
  bus = await connectBus({ url: nats.url, service: 'spec', log: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await bus.close();
  await dataSource.destroy();
  await nats.stop();
});

function newRun(): Promise<CreatedRun> {
  const { name, steps, overlap } = pipeline;
  return inTransaction(dataSource, (manager) => createRun(manager, { pipeline: name, scope: '', trigger: 'manual', reason: 'asked for by hand', plan: steps.map(({ plan }) => plan), overlap }));
}

describe('before anything happened', () => {
  it('commands say what would make something happen', async () => {
    expect((await carillon(runsCommand)).stdout).toMatch(/^no runs yet: "carillon run deliberation --wait"/);
    expect((await carillon(clustersCommand)).stdout).toMatch(/^no clusters yet: submit something/);
    expect(JSON.parse((await carillon(clustersCommand, '--json')).stdout)).toEqual([]);
    expect((await carillon(evidenceCommand, 'verify')).stdout).toBe('valid: 0 entries checked\n');
  });
});

describe('runs', () => {
  it('are listed, as a table and as JSON, and shown with their steps', async () => {
    const { id } = await newRun();
    const skipped = await newRun();
    expect(JSON.parse((await carillon(runsCommand, '--json', '--status', 'running')).stdout)).toMatchObject([{ id, pipeline: 'deliberation', trigger: 'manual', status: 'running', steps: [{ name: 'closeExpiredCycles', status: 'due' }] }]);
    const { stdout } = await carillon(runsCommand);
    expect(stdout.split('\n')[0]).toMatch(/^id +pipeline +trigger +status +started +took +why$/);
    expect(stdout).toMatch(new RegExp(`^${skipped.id} +deliberation +manual +skipped `, 'm'));
    expect((await carillon(runsCommand, 'show', id)).stdout).toMatch(/^deliberation running, manual: asked for by hand\nstarted .*\n\nstep +attempt +status +took +\ncloseExpiredCycles +1 +due/);
  });

  it('that are not there are named, with how to find those that are', async () => {
    expect(await carillon(runsCommand, 'show', 'yesterday')).toMatchObject({ code: 1, error: '"yesterday" is not the id of a run: "carillon runs" lists them' });
    const unknown = newId();
    expect(await carillon(runsCommand, 'show', unknown)).toMatchObject({ code: 1, error: `there is no run ${unknown}: "carillon runs" lists those there are` });
  });
});

it('a run that asked models is shown with the calls, tokens and money of each, and of all together', async () => {
  const { id } = await newRun();
  expect((await carillon(runsCommand, 'show', id)).stdout).not.toContain('tokens');
  const call = { purpose: 'canonicalization', provider: 'default', model: 'reader', inputTokens: 1_000, outputTokens: 50, costUsd: 0.0125, priced: true };
  const calls = [call, call, { ...call, purpose: 'option_generation', model: 'writer', inputTokens: 300, outputTokens: 200, costUsd: 0, priced: false }];
  for (const one of calls) await recordModelCall(dataSource.manager, { pipeline: 'deliberation', runId: id }, one);
  await recordModelCall(dataSource.manager, { pipeline: 'deliberation', runId: newId() }, call);
  const { stdout } = await carillon(runsCommand, 'show', id);
  expect(stdout).toMatch(/^asked for +model +calls +tokens in +out +USD *$/m);
  expect(stdout).toMatch(/^canonicalization +default\/reader +2 +2000 +100 +0\.0250 *$/m);
  expect(stdout).toMatch(/^option_generation +default\/writer +1 +300 +200 +no price *$/m);
  expect(stdout).toMatch(/^together +3 +2300 +300 +0\.0250 and 1 calls without a price *$/m);
});

it('clusters that sleep are listed by themselves, and one is told with since when', async () => {
  expect((await carillon(clustersCommand, '--dormant')).stdout).toBe('no cluster is asleep\n');
  const id = newId();
  await dataSource.query(
    `INSERT INTO deliberation.cluster (id, status, embedding_model, title, summary, member_count, centroid, cohesion, persistence, created_run_id, updated_run_id, dormant_run_id, dormant_at)
     VALUES ($1, 'dormant', 'none', $2, $2, 7, '', 1, 1, $1, $1, $1, '2026-03-01T10:30:00Z')`,
    [id, JSON.stringify({ en: 'Night buses' })],
  );
  expect((await carillon(clustersCommand, '--dormant')).stdout).toMatch(new RegExp(`^size +endorsed by +title +asleep since +id *\n *7 +0 +Night buses +2026-03-01 10:30 +${id} *\n$`));
  expect((await carillon(clustersCommand)).stdout).toMatch(/^no clusters yet/);
  expect((await carillon(clustersCommand, 'show', id)).stdout).toMatch(/^Night buses\n {2}\S+, asleep since 2026-03-01 10:30\n/);
  expect(await carillon(clustersCommand, '--dormant', '--archived')).toMatchObject({ code: 1, error: expect.stringContaining('ask for one of them') });
});

describe('a run with items', () => {
  it('is shown with how they stand, and with those that failed', async () => {
    const { id } = await newRun();
    const insert = 'INSERT INTO engine.step_item (run_id, step, key, status, attempts, revision, error) SELECT $1, $2, k, $3, 3, 1, $4 FROM unnest($5::text[]) k';
    await dataSource.query(insert, [id, 'fetch', 'done', null, ['a', 'b']]);
    await dataSource.query(insert, [id, 'fetch', 'failed', { message: '404 Not Found' }, Array.from({ length: 22 }, (_none, n) => `page-${n + 10}`)]);
    const { stdout } = await carillon(runsCommand, 'show', id);
    expect(stdout).toMatch(/^items of +done +kept +failed +skipped +waiting *\nfetch +2 +0 +22 +0 +0 *$/m);
    expect(stdout).toMatch(/^fetch +page-10 +3 +404 Not Found *$/m);
    expect(stdout).toContain('… and 2 more failed items');
    expect(stdout).not.toContain('page-31');
  });
});

describe('a run that is gone on with, or stopped', () => {
  const answer = (subject: string, reply: object): Promise<unknown> =>
    new Promise((resolve) => bus.connection.subscribe(subject, { max: 1, callback: (_error, message) => (resolve(message.json()), void message.respond(JSON.stringify(reply))) }));

  it('is named to the scheduler, whose answer is told', async () => {
    const { id } = await newRun();
    const next = newId();
    const asked = answer('run.deliberation.resume', { runId: next, status: 'running', reason: `goes on with run ${id} at "cluster"` });
    await bus.connection.flush();
    expect((await carillon(runsCommand, 'resume', id, '--from', 'cluster', '--keep-items')).stdout).toBe(`run ${next} is running (goes on with run ${id} at "cluster")\n`);
    expect(await asked).toEqual({ runId: id, from: 'cluster', keepItems: true });
    const stopped = answer('run.deliberation.cancel', { cancelled: [id] });
    await bus.connection.flush();
    expect((await carillon(runsCommand, 'cancel', id, '--reason', 'too long')).stdout).toBe(`run ${id} was asked to stop\n`);
    expect(await stopped).toEqual({ runId: id, reason: 'too long' });
  });

  it('has to be there, and not to be over', async () => {
    const { id } = await newRun();
    void answer('run.deliberation.cancel', { cancelled: [] });
    await bus.connection.flush();
    expect(await carillon(runsCommand, 'cancel', id)).toMatchObject({ code: 1, error: expect.stringContaining(`run ${id} is over already`) });
    expect(await carillon(runsCommand, 'resume', 'yesterday')).toMatchObject({ code: 1, error: '"yesterday" is not the id of a run: "carillon runs" lists them' });
  });
});

describe('a run that is asked for', () => {
  const answering = (reply: object): void => void bus.connection.subscribe('run.deliberation.request', { max: 1, callback: (_error, message) => void message.respond(JSON.stringify(reply)) });
  const skipped = { runId: newId(), status: 'skipped', reason: 'run 7 is active' };

  it('and skipped is no success for whoever waits for it', async () => {
    answering(skipped);
    await bus.connection.flush();
    const { stdout, code, error } = await carillon(runCommand, 'deliberation', '--wait');
    expect(stdout).toBe(`run ${skipped.runId} is skipped (run 7 is active)\n`);
    expect(code).toBe(1);
    expect(error).toMatch(/^this run was skipped, so there is nothing to wait for/);
  });

  it('and skipped is an answer for whoever only asks', async () => {
    answering(skipped);
    await bus.connection.flush();
    expect(await carillon(runCommand, 'deliberation')).toMatchObject({ code: 0, error: undefined });
  });

  it('of a pipeline that is not there says which there are', async () => {
    answering({ error: { code: 'unknown_pipeline', message: 'there is no pipeline "x" here; there is deliberation' } });
    await bus.connection.flush();
    expect(await carillon(runCommand, 'deliberation')).toMatchObject({ code: 1, error: 'there is no pipeline "x" here; there is deliberation' });
    expect((await carillon(runCommand, 'a.b')).error).toMatch(/^"a\.b" can not be part of a subject/);
  });

  it('while no scheduler runs, or with parameters that are no object, fails in words', async () => {
    expect((await carillon(runCommand, 'deliberation')).error).toMatch(/scheduler/);
    expect((await carillon(runCommand, 'deliberation', '--params', '[1]')).error).toMatch(/^--params \[1\] is not a JSON object: write for example/);
  });
});

describe('what the house keeps', () => {
  it('schedules say what they wait for', async () => {
    await syncSchedules(dataSource, [{ pipeline, services: {} } as unknown as HostedPipeline]);
    expect((await carillon(schedulesCommand)).stdout).toMatch(/^name +scope +rings +next look +failures +waits for\ndeliberation +at 10 pendingSubmissions, /);
    expect(JSON.parse((await carillon(schedulesCommand, '--json')).stdout)).toMatchObject([{ pipeline: 'deliberation', failuresInRow: 0 }]);
  });

  it('notices say what became of them', async () => {
    await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: 'channel:spec', messageType: 'text', content: { text: 'Hello' }, dedupeKey: newId() }));
    expect((await carillon(noticesCommand)).stdout).toMatch(/\n\S+ +telegram +channel:spec +text +queued +\n$/);
    expect(JSON.parse((await carillon(noticesCommand, '--json')).stdout)).toMatchObject([{ recipient: 'channel:spec', status: 'queued' }]);
    expect(JSON.parse((await carillon(noticesCommand, '--json', '--recipient', 'channel:other')).stdout)).toEqual([]);
  });

  it('notices that came to a bad end are sent again when asked', async () => {
    const { id } = await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: '77', messageType: 'text', content: { text: 'Hello' }, dedupeKey: newId() }));
    await dataSource.query(`UPDATE notices.notice SET status = 'undeliverable' WHERE id = $1`, [id]);
    await dataSource.query(`INSERT INTO notices.mailbox (channel, address, free_at, closed_at, closed_because) VALUES ('telegram', '77', now(), now(), 'blocked by the user')`);
    expect((await carillon(noticesCommand, 'closed')).stdout).toMatch(/telegram +77 +blocked by the user/);
    expect((await carillon(noticesCommand, 'redrive', id)).stdout).toMatch(/^0 will be sent again\n! .*re-open the recipient first/);
    expect((await carillon(noticesCommand, 'reopen', '77')).stdout).toMatch(/^77 is open again/);
    expect((await carillon(noticesCommand, 'redrive', '--all', 'undeliverable')).stdout).toBe('1 will be sent again\n');
  });

  it('notices of one recipient or type alone are sent again when that was said, and of nobody when it was said in vain', async () => {
    const ids: string[] = [];
    for (const [recipient, messageType] of [['81', 'text'], ['82', 'text'], ['82', 'other']] as const) {
      const { id } = await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient, messageType, content: { text: 'Hello' }, dedupeKey: newId() }));
      await dataSource.query(`UPDATE notices.notice SET status = 'dead' WHERE id = $1`, [id]);
      ids.push(id);
    }
    const stillDead = async (): Promise<unknown> => dataSource.query(`SELECT id FROM notices.notice WHERE status = 'dead' AND id = ANY($1) ORDER BY id`, [ids]);
    expect((await carillon(noticesCommand, '--recipient', '82', 'redrive', '--all', 'dead')).error).toMatch(/^--recipient in front of "redrive" would not be heeded/);
    expect(await stillDead()).toHaveLength(3);
    expect((await carillon(noticesCommand, 'redrive', '--all', 'dead', '--recipient', '82', '--type', 'text')).stdout).toBe('1 will be sent again\n');
    expect(await stillDead()).toEqual([{ id: ids[0] }, { id: ids[2] }]);
    await dataSource.query('DELETE FROM notices.notice WHERE id = ANY($1)', [ids]);
  });

  it('dead letters of one reason alone are re-driven or discarded when that was said', async () => {
    const store = new DeadLetterStore(dataSource);
    for (const reason of ['exhausted', 'invalid', 'unsettled']) await store.write({ service: 'spec', subject: 'step.deliberation.cluster', payload: '{}', headers: {}, reason, deliveries: 1 });
    const open = async (): Promise<string[]> => (await store.list()).map(({ reason }) => reason).sort();
    expect((await carillon(deadLettersCommand, 'redrive', '--all', '--reason', 'exhausted')).stdout).toBe('1 re-driven\n');
    expect(await open()).toEqual(['invalid', 'unsettled']);
    expect((await carillon(deadLettersCommand, 'discard', '--all', '--reason', 'invalid')).stdout).toBe('1 discarded\n');
    expect(await open()).toEqual(['unsettled']);
    await dataSource.query('DELETE FROM engine.dead_letter');
  });

  it('dead letters are listed, shown, re-driven and discarded', async () => {
    expect((await carillon(deadLettersCommand)).stdout).toBe('no dead letters\n');
    const store = new DeadLetterStore(dataSource);
    for (const payload of ['{}', 'not JSON']) await store.write({ service: 'spec', subject: 'step.deliberation.cluster', payload, headers: {}, reason: 'exhausted', deliveries: 10, error: 'Error: no' });
    const [bad, good] = (JSON.parse((await carillon(deadLettersCommand, '--json')).stdout) as { id: string }[]).map(({ id }) => id);
    expect((await carillon(deadLettersCommand)).stdout).toMatch(/^id +since +subject +reason +tries +error\n\S+ +\S+ +step\.deliberation\.cluster +exhausted +10 +Error: no\n/);
    expect(JSON.parse((await carillon(deadLettersCommand, 'show', bad ?? '')).stdout)).toMatchObject({ payload: 'not JSON', redrivable: expect.stringContaining('not JSON') });
    expect(await carillon(deadLettersCommand, 'redrive', '--all')).toMatchObject({ code: 1, stdout: expect.stringMatching(new RegExp(`^1 re-driven\n! ${bad}: it would come back`)) });
    expect(await carillon(deadLettersCommand, 'discard', bad ?? '')).toMatchObject({ code: 0, stdout: '1 discarded\n' });
    expect((await carillon(deadLettersCommand, 'redrive', good ?? '')).stdout).toMatch(/^0 re-driven\n! .* on the command line; say "again"/);
    expect((await carillon(deadLettersCommand, 'discard')).error).toMatch(/^say which letters/);
    expect((await carillon(deadLettersCommand, 'show', '7')).error).toBe('"7" is not the id of a dead letter: "carillon dead-letters" lists them');
  });

  it('a notice that failed for good is a dead letter, which is sent again only when somebody is there', async () => {
    await dataSource.query('DELETE FROM engine.dead_letter');
    const { id } = await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: '91', messageType: 'birthday', content: { years: 90 }, dedupeKey: newId() }));
    const ledger = new NoticeLedger(dataSource);
    const { notices } = await ledger.claim({ channel: 'telegram', limit: 100, leaseMs: 30_000, perSecond: 0, digestFrom: 0 });
    await ledger.settle(notices.map((claim) => ({ claim, delivery: claim.id === id ? { status: 'dead', error: 'no text' } : { status: 'queued', retryAfterMs: 0 }, pause: { messages: 0, pauseMs: 0 } })));
    expect((await carillon(deadLettersCommand, '--reason', 'notice')).stdout).toMatch(new RegExp(`\\n${id} .* notify\\.telegram +notice +1 +no text`));
    expect(JSON.parse((await carillon(deadLettersCommand, 'show', id)).stdout)).toMatchObject({ id, payload: expect.stringContaining('"birthday"'), redrivable: true });
    await dataSource.query(`INSERT INTO notices.mailbox (channel, address, free_at, closed_at, closed_because) VALUES ('telegram', '91', now(), now(), 'blocked by the user') ON CONFLICT (channel, address) DO UPDATE SET closed_at = now(), closed_because = excluded.closed_because`);
    expect((await carillon(deadLettersCommand, 'redrive', '--all')).stdout).toMatch(/^0 re-driven\n! .*re-open the recipient first/);
    await carillon(noticesCommand, 'reopen', '91');
    expect((await carillon(deadLettersCommand, 'redrive', '--all', '--reason', 'notice')).stdout).toBe('1 re-driven\n');
    expect(JSON.parse((await carillon(noticesCommand, '--json', '--recipient', '91')).stdout)).toMatchObject([{ id, status: 'queued' }]);
    await dataSource.query('DELETE FROM engine.dead_letter');
  });

  it('alerts are listed, and one schedule may differ in what is told about it', async () => {
    expect((await carillon(alertsCommand)).stdout).toBe('nothing was told\n');
    await openAlerts(dataSource, [{ kind: 'backlog', subject: 'deliberation', pipeline: 'deliberation', detail: { steps: 4 }, route: { recipient: 'channel:operations', channel: 'telegram' }, text: { messageType: 'backlog_stuck', content: { pipeline: 'deliberation', steps: 4, minutes: 12 } } }]);
    expect((await carillon(alertsCommand, '--open')).stdout).toMatch(/^since +kind +what +over +details\n\S+ +backlog +deliberation +open +\{"steps":4\}\n$/);
    expect(JSON.parse((await carillon(alertsCommand, '--json', '--kind', 'silent')).stdout)).toEqual([]);
    expect((await carillon(alertsCommand, 'policy', 'deliberation', '--after-failures', '1', '--late-seconds', '60')).stdout).toBe('{"afterFailures":1,"lateAfterMs":60000}\n');
    expect(await dataSource.query(`SELECT alerts FROM engine.schedule WHERE pipeline = 'deliberation'`)).toEqual([{ alerts: { afterFailures: 1, lateAfterMs: 60_000 } }]);
    expect((await carillon(alertsCommand, 'policy', 'deliberation')).stdout).toBe('as the settings say\n');
    expect((await carillon(alertsCommand, 'policy', 'nonsense')).error).toBe('there is no schedule "nonsense": "carillon schedules" lists them');
  });

  it('history is shown by month, exported, and dropped only when it is over', async () => {
    const month = new Date().toISOString().slice(0, 7);
    expect((await carillon(historyCommand)).stdout).toMatch(new RegExp(`^month +rows \\(about\\) +MiB +not over +tables\n(.*\n)*${month} .* run_${month.replace('-', '_')} step_`));
    const folder = mkdtempSync(join(tmpdir(), 'carillon-history-'));
    expect((await carillon(historyCommand, 'export', month, '--to', folder)).stdout).toMatch(new RegExp(`/run_${month.replace('-', '_')}\\.jsonl\\.gz: \\d+ rows, \\d+ bytes\n`));
    rmSync(folder, { recursive: true });
    expect((await carillon(historyCommand, 'drop', month, '--without-archive')).error).toBe(`${month} is not over yet, so its history stays`);
    expect((await carillon(historyCommand, 'drop', month)).error).toMatch(/^say what becomes of/);
  });

  it('settings are all there, the secret ones hidden', async () => {
    const settings = JSON.parse((await carillon(configCommand, '--json')).stdout) as { env: string; value: string }[];
    expect(settings.map(({ env }) => env)).toEqual(expect.arrayContaining(['DATABASE_URL', 'TELEGRAM_BOT_TOKEN', 'NOTICE_MAX_ATTEMPTS', 'BATCH_THRESHOLD']));
    expect(settings.find(({ env }) => env === 'TELEGRAM_BOT_TOKEN')?.value).toBe('(secret)');
  });

  it('a key is printed alone, with the rights that were named; issued again it replaces the first', async () => {
    const first = (await carillon(keysCommand, 'issue', 'clerk', '--rights', 'read, submit')).stdout.trim();
    expect(await holderOf(dataSource, first)).toMatchObject({ name: 'clerk', rights: ['read', 'submit'] });
    const second = (await carillon(keysCommand, 'issue', 'clerk')).stdout.trim();
    expect([await holderOf(dataSource, first), await holderOf(dataSource, second)]).toMatchObject([undefined, { rights: ['read', 'submit'] }]);
    expect((await carillon(keysCommand, 'issue', 'clerk', '--rights', 'rule')).error).toBe('there is no right "rule": choose from submit, import, operate, read');
  });

  it('evidence verifies, is exported as it was hashed, and tells the first entry that was forged', async () => {
    for (const note of ['one', 'two']) await inTransaction(dataSource, (manager) => appendEvidence(manager, { eventType: 'pipeline_run', entityType: 'run', entityId: newId(), payload: { note } }));
    await sealPending(dataSource);
    expect(await carillon(evidenceCommand, 'verify')).toMatchObject({ stdout: 'valid: 2 entries checked\n', code: 0 });
    const exported = (await carillon(evidenceCommand, 'export')).stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as object);
    expect(exported).toMatchObject([{ payload: { note: 'one' } }, { payload: { note: 'two' } }]);

    expect((await carillon(evidenceCommand, 'prove', '1')).error).toMatch(/^entry 1 is under no root yet/);
    expect((await carillon(evidenceCommand, 'roots')).stdout).toMatch(/^no roots yet/);
    await dataSource.query(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT statement_timestamp() + interval '1 day' $$`);
    await computeDailyRoots(dataSource);
    const [root] = JSON.parse((await carillon(evidenceCommand, 'roots', '--json')).stdout) as { merkle_root: string }[];
    expect(root).toMatchObject({ entry_count: 2, first_seq: 1, last_seq: 2, publications: [] });
    expect((await carillon(evidenceCommand, 'roots')).stdout).toContain(root?.merkle_root);
    expect(JSON.parse((await carillon(evidenceCommand, 'prove', '2')).stdout)).toMatchObject({ entry: { seq: 2, payload: { note: 'two' } }, root: { merkle_root: root?.merkle_root }, proof: [{ side: 'left' }] });
    expect((await carillon(evidenceCommand, 'prove', '7')).error).toMatch(/^there is no entry 7/);
    expect(await carillon(evidenceCommand, 'verify')).toMatchObject({ stdout: 'valid: 2 entries and 1 daily roots checked\n', code: 0 });

    await dataSource.query('ALTER TABLE deliberation.evidence DISABLE TRIGGER USER');
    await dataSource.query(`UPDATE deliberation.evidence SET payload = '{"forged": true}' WHERE seq = 2`);
    expect(await carillon(evidenceCommand, 'verify')).toMatchObject({ stdout: expect.stringMatching(/^BROKEN: .*entry 2 is broken/), code: 1 });
    expect(JSON.parse((await carillon(evidenceCommand, 'verify', '--json')).stdout)).toMatchObject({ valid: false, brokenAt: { position: 2 } });
  });
});

/**
 * The promises of the house under murder: while 500 submissions flow in, runs fire and notices are published, each service is killed again and
 * again at points that a seed chooses. Afterwards nothing may be lost and nothing doubled, by sets of ids. CHAOS_SEED=… replays a run.
 */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, signal } from '@carillon/testing';
import type { ServiceName, Signal } from '@carillon/testing';
import { jetstream } from '@nats-io/jetstream';
import { program, SERVICES, Tower, workspace } from './harness.js';
import { concern } from './concerns.fixture.js';

const SUBMISSIONS = 500;
const PER_PERSON = 5;
const PEOPLE_AT_ONCE = 8;
const MANUAL_RUNS = 12;
const NOTICES = 40;
/** 32 deaths; the services that do more die more often. The engine alone dies thousands of times in chaos/. */
const DEATHS: Record<ServiceName, number> = { intake: 7, scheduler: 13, notifier: 8, backup: 4 };

/** Short enough that everything which waits for a time comes to pass while the spec looks. */
const ENVIRONMENT = {
  BATCH_POLL_SECONDS: '1',
  BATCH_THRESHOLD: '12',
  PIPELINE_MIN_INTERVAL_HOURS: '0.0005',
  PIPELINE_INTERVAL_HOURS: '0.002',
  VOTING_CYCLE_HOURS: '0.004',
  AUTO_CYCLE_COOLDOWN_HOURS: '0.001',
  BURST_QUARANTINE_THRESHOLD_COUNT: String(PER_PERSON),
  BURST_QUARANTINE_WINDOW_MINUTES: '0.1',
  QUARANTINE_RELEASE_MINUTES: '0.1',
  STEP_LEASE_SECONDS: '3',
};

interface Reply {
  runId: string;
  status: string;
}

const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(1, 1_000_000));
const random = seededRandom(seed);

let tower: Tower;
/** External id → what intake finally answered. */
const answered = new Map<string, string>();
/** Dedupe key → the run that it was answered with. */
const requested = new Map<string, string>();
const published: string[] = [];
/** Requests that a client had to send again, because nobody answered or the answer was "not now". */
let sentAgain = 0;
let [flowSeconds, quietSeconds] = [0, 0];
const deaths = Object.fromEntries(SERVICES.map((name) => [name, 0])) as Record<ServiceName, number>;

beforeAll(async () => {
  process.stderr.write(`chaos seed ${seed}\n`);
  tower = await Tower.open({ env: ENVIRONMENT });
  for (let person = 0; person < SUBMISSIONS / PER_PERSON; person += 1) await tower.register(`person-${person}`);
  const began = Date.now();
  await Promise.all([submitEverything(), requestRuns(), publishNotices(), killServices()]);
  flowSeconds = Math.round((Date.now() - began) / 1000);
  expect(tower.fell).toEqual([]);
  await tower.ready();
  await quiet();
  quietSeconds = Math.round((Date.now() - began) / 1000) - flowSeconds;
  // Schedules would go on ringing, and what is looked at must stand still.
  await tower.query('UPDATE engine.schedule SET paused_at = engine.clock()');
  await quiet();
}, 360_000);
afterAll(() => tower.close());

/** Progress is the clock of this spec: whoever waits for a share of the flow is woken when that many submissions are answered. */
const milestones: { at: number; reached: Signal<void> }[] = [];
function whenAnswered(count: number): Promise<void> {
  const reached = signal(`${count} submissions are answered`);
  milestones.push({ at: count, reached });
  wakeWhoWaited();
  return reached.wait(240_000);
}

function wakeWhoWaited(): void {
  for (const { at, reached } of milestones) if (answered.size >= at) reached.resolve();
}

async function submitEverything(): Promise<void> {
  const people = Array.from({ length: SUBMISSIONS / PER_PERSON }, (_, person) => person);
  const client = async (): Promise<void> => {
    for (let person = people.shift(); person !== undefined; person = people.shift()) {
      for (let nth = 0; nth < PER_PERSON; nth += 1) {
        const externalId = `chaos/${person}/${nth}`;
        const { body } = await untilAnswered(() => tower.ask('intake', 'POST', '/deliberation/submissions', { author: `person-${person}`, text: concern(person * PER_PERSON + nth), externalId }));
        answered.set(externalId, String(body['outcome']));
        wakeWhoWaited();
      }
    }
  };
  await Promise.all(Array.from({ length: PEOPLE_AT_ONCE }, client));
}

/** What any decent client does: an answer that says "not now", or none, is asked for again. */
async function untilAnswered<T extends { status: number }>(ask: () => Promise<T>): Promise<T> {
  let first = true;
  const again = async (): Promise<T | undefined> => {
    if (!first) sentAgain += 1;
    first = false;
    const answer = await ask();
    return answer.status < 500 ? answer : undefined;
  };
  return (await eventually(again, { what: 'an answer', within: 90_000, every: 200 })) as T;
}

async function requestRuns(): Promise<void> {
  const client = await tower.connect('operator');
  for (let nth = 0; nth < MANUAL_RUNS; nth += 1) {
    await whenAnswered(Math.floor((SUBMISSIONS * nth) / MANUAL_RUNS));
    const dedupeKey = `by-hand-${nth}`;
    const ask = async (): Promise<{ status: number; reply: Reply }> => {
      const reply = (await client.request('run.deliberation.request', JSON.stringify({ dedupeKey }), { timeout: 5_000 })).json<Reply & { error?: unknown }>();
      return { status: reply.error === undefined ? 200 : 500, reply };
    };
    requested.set(dedupeKey, (await untilAnswered(ask)).reply.runId);
  }
}

async function publishNotices(): Promise<void> {
  const client = jetstream(await tower.connect('operator'));
  for (let nth = 0; nth < NOTICES; nth += 1) {
    await whenAnswered(Math.floor((SUBMISSIONS * nth) / NOTICES));
    const notice = { user_id: 'channel:chaos', message_type: 'text', content: { text: `notice ${nth}` } };
    await client.publish('notify.telegram', JSON.stringify(notice), { msgID: `chaos-notice-${nth}` });
    published.push(`by-hand.chaos-notice-${nth}`);
  }
}

/** The order and the moments come from the seed: after so many further answers, and a little later than that; the scheduler every other time in mid-step. */
async function killServices(): Promise<void> {
  const victims = shuffled(SERVICES.flatMap((name) => Array<ServiceName>(DEATHS[name]).fill(name)));
  for (const [nth, victim] of victims.entries()) {
    await whenAnswered(Math.floor((SUBMISSIONS * (nth + random())) / victims.length));
    if (victim === 'scheduler' && random() < 0.5) await aStepRuns();
    else await pause(random() * 300);
    await tower.crash(victim);
    deaths[victim] += 1;
  }
}

/** Soon, or not at all when none is due. */
async function aStepRuns(): Promise<void> {
  const running = async (): Promise<boolean> => (await tower.query(`SELECT FROM engine.active_run WHERE status = 'running' AND owner = 'scheduler'`)).length > 0;
  await eventually(running, { within: 2_000, every: 5 }).catch(() => undefined);
}

/** Resolves when nothing runs, waits or is promised any more. */
async function quiet(): Promise<void> {
  const owed = async (): Promise<Record<string, string>> => {
    const [row] = await tower.query<Record<string, string>>(`SELECT
      (SELECT count(*) FROM deliberation.submission WHERE status NOT IN ('processed', 'rejected')) AS submissions,
      (SELECT count(*) FROM engine.active_run) AS runs,
      (SELECT count(*) FROM engine.outbox WHERE subject LIKE 'step.%' OR subject LIKE 'notify.%') AS promises,
      (SELECT count(*) FROM notices.notice WHERE status IN ('queued', 'sending', 'failed')) AS notices,
      (SELECT count(*) FROM deliberation.evidence WHERE seq IS NULL) AS evidence,
      ${published.length} - (SELECT count(*) FROM notices.notice WHERE dedupe_key = ANY($1)) AS unfiled`, published);
    return row ?? {};
  };
  let last: Record<string, string> = {};
  const settled = async (): Promise<boolean> => Object.values((last = await owed())).every((count) => Number(count) === 0);
  await eventually(settled, { what: 'quiet', within: 120_000, every: 200 }).catch(async (error: unknown) => {
    throw new Error(`there is still something owed: ${JSON.stringify(last)}`, { cause: error });
  });
}

const ids = async (sql: string, ...values: unknown[]): Promise<string[]> => (await tower.query<{ id: string }>(sql, ...values)).map(({ id }) => id);

describe('when each service was killed again and again, and then left alone', () => {
  it('every submission was answered and is stored once', async () => {
    expect(answered.size).toBe(SUBMISSIONS);
    expect([...new Set(answered.values())].sort().filter((outcome) => !['accepted', 'duplicate', 'pending', 'quarantined', 'rejected'].includes(outcome))).toEqual([]);
    expect(await ids('SELECT external_id AS id FROM deliberation.submission ORDER BY id')).toEqual([...answered.keys()].sort());
  });

  it('no submission is stuck, and each accepted one is understood and grouped', async () => {
    expect(await ids(`SELECT external_id AS id FROM deliberation.submission WHERE status NOT IN ('processed', 'rejected')`)).toEqual([]);
    expect(await ids(`SELECT s.id FROM deliberation.submission s WHERE s.status = 'processed' AND NOT EXISTS (SELECT FROM deliberation.candidate k WHERE k.submission_id = s.id AND k.embedding IS NOT NULL)`)).toEqual([]);
  });

  it('every contribution is credited once', async () => {
    const credited = await tower.query<{ ref: string; credited: number; owed: number }>(
      `SELECT ref, contribution_count AS credited, (SELECT count(*)::int FROM deliberation.submission s WHERE s.account_id = a.id AND s.status = 'processed') AS owed FROM deliberation.account a`,
    );
    expect(credited).toHaveLength(SUBMISSIONS / PER_PERSON);
    expect(credited.filter((account) => account.credited !== account.owed)).toEqual([]);
  });

  it('every owed occurrence has exactly one run, and every run by the clock was owed', async () => {
    const occurrences = await ids(`SELECT run_id || ' ' || scheduled_for AS id FROM engine.occurrence ORDER BY id`);
    const runs = await ids(`SELECT id || ' ' || scheduled_for AS id FROM engine.run WHERE schedule_id IS NOT NULL ORDER BY id`);
    expect(runs).toEqual(occurrences);
    expect(runs).not.toEqual([]);
  });

  it('every run that was asked for by hand exists once, under the id that was answered', async () => {
    const runs = await tower.query<{ key: string; id: string }>(`SELECT dedupe_key AS key, id FROM engine.run WHERE trigger = 'manual'`);
    expect(requested.size).toBe(MANUAL_RUNS);
    expect(new Map(runs.map(({ key, id }) => [key, id]))).toEqual(requested);
    expect(runs).toHaveLength(MANUAL_RUNS);
  });

  it('every run is over, and each of its steps ended exactly once', async () => {
    expect(await ids(`SELECT id FROM engine.run WHERE status IN ('queued', 'running') OR finished_at IS NULL AND status <> 'skipped'`)).toEqual([]);
    expect(await ids(`SELECT run_id AS id FROM engine.active_run`)).toEqual([]);
    const unequal = await tower.query(
      `SELECT r.id, r.status, p.value->>'name' AS step, count(s.id) FILTER (WHERE s.status IN ('done', 'skipped', 'failed', 'cancelled')) AS ends
       FROM engine.run r JOIN engine.plan l ON l.id = r.plan_id CROSS JOIN jsonb_array_elements(l.steps) p LEFT JOIN engine.step s ON s.run_id = r.id AND s.name = p.value->>'name'
       WHERE r.status IN ('succeeded', 'partial') GROUP BY 1, 2, 3 HAVING count(s.id) FILTER (WHERE s.status IN ('done', 'skipped', 'failed', 'cancelled')) <> 1`,
    );
    expect(unequal).toEqual([]);
    expect(await ids(`SELECT run_id || name AS id FROM engine.step WHERE status IN ('done', 'skipped', 'failed', 'cancelled') GROUP BY run_id, name HAVING count(*) > 1`)).toEqual([]);
  });

  it('no run failed: a death costs a lease, not a result', async () => {
    expect(await tower.query(`SELECT id, status, errors FROM engine.run WHERE status NOT IN ('succeeded', 'skipped')`)).toEqual([]);
  });

  it('every notice is recorded once and came to an end', async () => {
    expect(await ids(`SELECT dedupe_key AS id FROM notices.notice WHERE dedupe_key LIKE 'by-hand.%' ORDER BY id`)).toEqual([...published].sort());
    expect(await ids(`SELECT dedupe_key AS id FROM notices.notice WHERE status NOT IN ('sent', 'dry-run', 'uncertain')`)).toEqual([]);
    expect(await ids('SELECT dedupe_key AS id FROM notices.notice GROUP BY dedupe_key HAVING count(*) > 1')).toEqual([]);
  });

  it('the evidence tells every submission once, and the chain verifies, here and with the script that knows no code of ours', async () => {
    const received = await ids(`SELECT entity_id AS id FROM deliberation.evidence WHERE event_type = 'submission_received' ORDER BY id`);
    expect(received).toEqual(await ids('SELECT id::text AS id FROM deliberation.submission ORDER BY id'));
    expect((await tower.carillon('evidence', 'verify')).stdout).toMatch(/^valid: \d+ entries checked/);
    const file = join(process.env['TEST_FOLDER'] ?? '', `chain-${seed}.jsonl`);
    await writeFile(file, (await tower.carillon('evidence', 'export')).stdout);
    expect(await program(process.execPath, [join(workspace, 'docs/verify-roots.mjs'), file]).finished).toMatchObject({ code: 0 });
  });

  it('no message became a dead letter', async () => expect(await tower.query('SELECT subject, reason, error FROM engine.dead_letter')).toEqual([]));

  it('every service was killed, and in the end each stops in order', async () => {
    const [row] = await tower.query<{ runs: number; taken: number }>(`SELECT (SELECT count(*)::int FROM engine.run) AS runs, (SELECT count(*)::int FROM engine.step WHERE status = 'lost') AS taken`);
    const killed = Object.entries(deaths).map(([name, count]) => `${name} ${count}`).join(', ');
    const outcomes = [...new Set(answered.values())].map((outcome) => `${[...answered.values()].filter((one) => one === outcome).length} ${outcome}`).join(', ');
    process.stderr.write(`chaos seed ${seed}: killed ${killed}; ${answered.size} submissions (${outcomes}; ${sentAgain} requests sent again), ${row?.runs} runs, ${row?.taken} steps taken over, ${published.length} notices by hand; ${flowSeconds} s of flow, ${quietSeconds} s until quiet\n`);
    expect(deaths).toEqual(DEATHS);
    expect(await tower.stopServices()).toEqual({ intake: 0, scheduler: 0, notifier: 0, backup: 0 });
    expect(tower.fell).toEqual([]);
  });
});

function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, place: random() })).sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/** mulberry32: small, and the same on every machine. */
function seededRandom(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

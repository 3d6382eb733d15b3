/**
 * How many submissions a second the front door takes, read and embedded by the local provider, at 1, 16 and 64 connections; and that a burst of ten thousand loses none. One
 * intake and one scheduler as processes of their own, Postgres that waits for the disk.
 */
import assert from 'node:assert/strict';
import { createApiKey, createDataSource } from '@carillon/persistence';
import { Agent, request } from 'node:http';
import { parseFlags } from '../tools/options.mjs';
import { phase, say } from '../tools/progress.mjs';
import { syntheticConcerns } from './lib/concerns.mjs';
import { describeMachine } from './lib/machine.mjs';
import { printed, rounded } from './lib/result.mjs';
import { quantile } from './lib/statistics.mjs';
import { stopOnSignals, withTemporaryStack } from './lib/temporary-stack.mjs';

const FLAGS = { json: 'one JSON object on stdout', quick: 'few submissions, to see that it works: no figures to quote', help: 'this text' };
/** The gates of a person would end the measurement after five; and no run may come between. */
const OPEN_DOOR = { BATCH_THRESHOLD: '1000000000', BATCH_POLL_SECONDS: '3600', MAX_SUBMISSIONS_PER_DAY: '1000000', BURST_QUARANTINE_THRESHOLD_COUNT: '1000000' };
const AUTHORS = 200;
const CONNECTIONS = [1, 16, 64];

try {
  const flags = parseFlags(process.argv.slice(2), FLAGS);
  if (flags.help) process.stdout.write(`npm run bench -- intake [options]\n${Object.entries(FLAGS).map(([name, text]) => `  --${name.padEnd(6)} ${text}\n`).join('')}`);
  else process.stdout.write(printed(await intake(flags.quick ? { seconds: 1, burst: 200 } : { seconds: 12, burst: 10_000 }), flags));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function intake({ seconds, burst }) {
  stopOnSignals();
  return withTemporaryStack({ services: ['intake', 'scheduler'], env: OPEN_DOOR }, async (state) => {
    const dataSource = await createDataSource({ url: state.databaseUrl, service: 'bench', poolSize: 2, statementTimeoutMs: 300_000 });
    try {
      const door = doorOf(state.services.intake.url, await createApiKey(dataSource, 'bench', ['submit', 'operate']));
      await registerAuthors(door);
      const next = submissions();
      await phase('  warming up', () => during(door, next, 16, Math.min(3, seconds)));
      const measured = new Map();
      for (const connections of CONNECTIONS) measured.set(connections, await phase(`  ${connections} connections`, () => during(door, next, connections, seconds)));
      const lost = await phase(`  a burst of ${burst}`, () => burstLoses(door, dataSource, next, burst));
      const [{ version }] = await dataSource.query("SELECT current_setting('server_version') AS version");
      for (const [connections, { perSecond, p50, p99 }] of measured) say(`${connections} connections: ${perSecond.toFixed(1)} a second, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
      say('what holds it: docs/performance.md');
      return {
        bench: 'intake',
        machine: describeMachine({ postgres: version, natsServer: 'not asked' }),
        figures: {
          ...Object.fromEntries([...measured].map(([connections, { perSecond }]) => [`c${connections}PerSecond`, rounded(perSecond, 1)])),
          ...Object.fromEntries([...measured].flatMap(([connections, { p50, p99 }]) => [[`c${connections}P50Ms`, rounded(p50, 2)], [`c${connections}P99Ms`, rounded(p99, 2)]])),
          burstLost: lost,
        },
        ratios: {},
        exponents: {},
        peers: {},
      };
    } finally {
      await dataSource.destroy();
    }
  });
}

/** A bare client: fetch would measure itself. */
function doorOf(base, key) {
  const agents = new Map();
  const agentFor = (connections) => agents.get(connections) ?? agents.set(connections, new Agent({ keepAlive: true, maxSockets: connections })).get(connections);
  return (method, path, body, connections = 16) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = request(new URL(path, base), { method, headers, agent: agentFor(connections) }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString('utf8') }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(text);
    });
}

async function registerAuthors(door) {
  for (let author = 0; author < AUTHORS; author += 1) {
    const { status, body } = await door('PUT', `/deliberation/accounts/author-${author}`, { emailVerified: true, messagingVerified: true, linkedAt: '2020-01-01T00:00:00Z' });
    assert.equal(status, 200, `an author could not be registered: ${body}`);
  }
}

/** Never the same text twice: a repeated one would be embedded from memory. */
function* submissions() {
  for (let round = 0; ; round += 1) {
    for (const [index, { text }] of syntheticConcerns(5_000, 7 + round).concerns.entries()) {
      const number = round * 5_000 + index;
      yield { author: `author-${number % AUTHORS}`, text: `${text} It is house number ${number % 997}.`, externalId: `bench/${number}` };
    }
  }
}

/** Keeps so many requests in flight for so long. @returns {Promise<{ perSecond: number, p50: number, p99: number }>} of accepted submissions */
async function during(door, next, connections, seconds) {
  const times = [];
  const began = performance.now();
  const end = began + 1_000 * seconds;
  const client = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      const { status, body } = await door('POST', '/deliberation/submissions', next.next().value, connections);
      assert.equal(status, 201, `a submission was answered ${status}: ${body}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const took = (performance.now() - began) / 1_000;
  return { perSecond: times.length / took, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Sends all at once over 64 connections, whatever is answered. @returns {Promise<number>} how many of the ids are not in the database, or not in the evidence */
async function burstLoses(door, dataSource, next, count) {
  const sent = Array.from({ length: count }, () => next.next().value);
  const answers = await Promise.all(sent.map((submission) => door('POST', '/deliberation/submissions', submission, 64)));
  const refused = answers.filter(({ status }) => status !== 201 && status !== 202);
  assert.equal(refused.length, 0, `${refused.length} of the burst were refused, the first with ${refused[0]?.status}: ${refused[0]?.body}`);
  const rows = await dataSource.query(
    `SELECT s.external_id AS id FROM deliberation.submission s WHERE s.external_id = ANY($1)
       AND EXISTS (SELECT FROM deliberation.evidence e WHERE e.event_type = 'submission_received' AND e.entity_id = s.id::text)`,
    [sent.map(({ externalId }) => externalId)],
  );
  const stored = new Set(rows.map(({ id }) => id));
  return sent.filter(({ externalId }) => !stored.has(externalId)).length;
}

/**
 * The same ten thousand in the queues that others take for it: jobs that are delayed until one instant, whose handler writes the same notice row, in batches where the queue hands out batches.
 * pg-boss and graphile-worker keep their jobs in Postgres, as we do; BullMQ keeps them in a Redis, and is left out where there is none.
 */
import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { commits } from '../lib/reminders/arrivals.mjs';
import { withRedis } from './redis.mjs';

const AHEAD_SECONDS = 5;
const WITHIN_MS = 180_000;
const INSERT = `INSERT INTO notice (id, channel, recipient, message_type, content, dedupe_key) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[])`;
const TABLE = `CREATE TABLE notice (id uuid PRIMARY KEY, channel text NOT NULL, recipient text NOT NULL, message_type text NOT NULL, content jsonb NOT NULL, dedupe_key text NOT NULL UNIQUE, created_at timestamptz NOT NULL DEFAULT now())`;

const payload = (number) => ({ reminder_id: randomUUID(), memory_id: randomUUID(), text: `reminder ${number}`, memory_content: `water the plants on the balcony and close the window, note ${number}`, fire_at: new Date().toISOString(), late_by: 0, missed: 0, time_zone: 'Europe/Berlin', user_id: String(1_000_000 + (number % 10_000)) });
const write = (pool, contents) => pool.query(INSERT, [contents.map(() => randomUUID()), contents.map(() => 'telegram'), contents.map(({ user_id: user }) => user), contents.map(() => 'reminder'), contents.map((one) => JSON.stringify(one)), contents.map(({ reminder_id: id }) => id)]);

/** @typedef {{ add: (jobs: object[], at: Date) => Promise<unknown>, stop: () => Promise<unknown> }} Peer `add` takes a thousand */
/** @typedef {import('../lib/reminders/arrivals.mjs').Pace} Pace */

/** @returns {Promise<Pace[]>} of each burst */
export async function firePgBoss(servers, extent) {
  return measured(servers, 'pgboss', extent, async (url, pool) => {
    const boss = new PgBoss({ connectionString: url, max: 10 });
    boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
    await boss.start();
    await boss.createQueue('reminders');
    await boss.work('reminders', { batchSize: 1_000, pollingIntervalSeconds: 0.5 }, (jobs) => write(pool, jobs.map(({ data }) => data)));
    return { add: (jobs, at) => boss.insert('reminders', jobs.map((data) => ({ data, startAfter: at }))), stop: () => boss.stop({ graceful: false }) };
  });
}

/** @returns {Promise<Pace[]>} of each burst */
export async function fireGraphile(servers, extent) {
  const logger = new Logger(() => (level, message) => (level === 'error' ? process.stderr.write(`graphile-worker: ${message}\n`) : undefined));
  return measured(servers, 'graphile', extent, async (url, pool) => {
    const utils = await makeWorkerUtils({ connectionString: url, logger });
    await utils.migrate();
    const runner = await run({
      preset: { worker: { connectionString: url, logger, concurrentJobs: 32, maxPoolSize: 33, pollInterval: 500, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      ...{ noHandleSignals: true, crontab: '', taskList: { remind: (content) => write(pool, [content]) } },
    });
    return {
      add: (jobs, at) => utils.addJobs(jobs.map((one) => ({ identifier: 'remind', payload: one, runAt: at }))),
      stop: async () => {
        await runner.stop();
        await utils.release();
      },
    };
  });
}

/** One job a reminder, delayed until the instant; as many at once as with graphile-worker. @returns {Promise<Pace[]>} of each burst */
export async function fireBullMq(servers, extent) {
  return withRedis((port) =>
    measured(servers, 'bullmq', extent, async (_url, pool) => {
      const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
      const queue = new Queue('reminders', { connection });
      const worker = new Worker('reminders', ({ data }) => write(pool, [data]), { connection, concurrency: 32, autorun: false });
      for (const one of [queue, worker]) one.on('error', (error) => process.stderr.write(`BullMQ: ${error.message}\n`));
      void worker.run();
      return {
        add: (jobs, at) => queue.addBulk(jobs.map((data) => ({ name: 'remind', data, opts: { delay: Math.max(0, at.getTime() - Date.now()), removeOnComplete: true } }))),
        stop: async () => {
          await worker.close(true);
          await queue.close();
        },
      };
    }),
  );
}

/** @param {(url: string, pool: pg.Pool) => Promise<Peer>} start */
async function measured(servers, name, { due, firing }, start) {
  const url = await servers.freshDatabase(name);
  const pool = new pg.Pool({ connectionString: url, max: 34 }).on('error', () => undefined);
  await pool.query(TABLE);
  const { add, stop } = await start(url, pool);
  const paces = [];
  try {
    for (let burst = 0; burst < firing; burst += 1) {
      const at = new Date(Date.now() + AHEAD_SECONDS * 1_000 + due / 5);
      for (let left = due; left > 0; left -= 1_000) await add(Array.from({ length: Math.min(1_000, left) }, (_one, index) => payload(left - index)), at);
      if (Date.now() > at.getTime()) throw new Error(`${name}: storing ${due} jobs took longer than ${AHEAD_SECONDS} s`);
      await servers.query('CHECKPOINT');
      paces.push(await commits(async (sql, values) => (await pool.query(sql, values)).rows, 'notice', due, at.getTime(), WITHIN_MS));
    }
    return paces;
  } finally {
    await stop();
    await pool.end();
  }
}

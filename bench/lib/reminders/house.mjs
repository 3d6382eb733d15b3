/** A scheduler and a notifier as they run in production, with a million reminders stored, of which ten thousand fall due at one instant, several times. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createDataSource, hasten } from '@carillon/persistence';
import { moveDatabaseClock } from '../../../libs/testing/dist/database-clock.js';
import { SERVICE_NODE_OPTIONS } from '../../../tools/node-options.mjs';
import { phase } from '../../../tools/progress.mjs';
import { root } from '../bench-folder.mjs';
import { cpuSecondsOf } from '../cpu-time.mjs';
import { inherited } from '../temporary-stack.mjs';
import { arrivals, commits } from './arrivals.mjs';
import { makeReminders } from './seed.mjs';

const HOUR_MS = 3_600_000;
const AHEAD_MS = 15_000;
/** From one burst to the next, with and without a notifier: until then what the one before left to do is over, on a slow machine too. */
const BETWEEN_MS = 12_000;
const EACH_DELIVERED_MS = 3.5;
/** What writes no row twice, in the transaction that commits the notice, whose row changes when it is delivered. */
const FIRED = `memory.audit WHERE entity_type = 'reminder' AND action = 'fired'`;

/**
 * @typedef {object} Burst
 * @property {import('./arrivals.mjs').Pace} fired until the last notice is committed
 * @property {import('./arrivals.mjs').Pace} [delivered] until the Bot API has received the last one
 * @property {Record<string, number>} micros processor time of each reminder by process, until all of that is over
 */

/**
 * @param {{ stored: number, waiting: number, due: number, delivering: number, firing: number }} extent so many of those that are stored wait; so many are due each time, of which some bursts have a notifier beside them, and then some have none
 * @returns {Promise<{ delivering: Burst[], firing: Burst[], doubles: number }>}
 */
export async function fireInTheHouse(servers, { stored, waiting, due, delivering, firing }) {
  const url = await servers.freshDatabase('reminders', { migrated: true });
  const bus = await servers.freshBus();
  const dataSource = await createDataSource({ url, service: 'bench', poolSize: 2, statementTimeoutMs: 600_000 });
  const telegram = await fakeBotApi();
  const env = { ...inherited(), DATABASE_URL: url, LOG_LEVEL: 'warn', LOG_FORMAT: 'json' };
  const services = {};
  // Storing takes as long as it takes: the clock is moved to the first instant then, before anything runs that reads it.
  const betweenDelivering = BETWEEN_MS + due * EACH_DELIVERED_MS;
  const instants = Array.from({ length: delivering + firing }, (_one, nth) => new Date(Date.now() + HOUR_MS + Math.min(nth, delivering) * betweenDelivering + Math.max(0, nth - delivering) * BETWEEN_MS));
  const start = async (name, more = {}) => {
    services[name] = await service(name, { ...env, NATS_URL: bus.url(name), ...more });
  };
  const stop = async (name) => {
    await services[name]?.stop();
    delete services[name];
  };
  const used = () => ({ ...servers.cpuSeconds(), ...Object.fromEntries(Object.entries(services).map(([name, { pid }]) => [name, cpuSecondsOf(pid)])) });
  try {
    await phase(`  ${stored} reminders, of which ${waiting} wait`, () => makeReminders(dataSource, stored, { waiting, instants, due }));
    const shift = instants[0].getTime() - AHEAD_MS - Date.now();
    await moveDatabaseClock(url, shift);
    await start('scheduler');
    if (delivering > 0) await start('notifier', { TELEGRAM_BOT_TOKEN: '1:bench', TELEGRAM_API_ROOT: telegram.root, TELEGRAM_PER_SECOND: '1000', TELEGRAM_CHAT_INTERVAL_MS: '0', NOTICE_CONCURRENCY: '64' });
    const measured = [];
    for (const instant of instants) {
      if (measured.length === delivering) await stop('notifier');
      measured.push(await phase(`  ${due} fall due`, () => burst(instant, instant.getTime() - shift, measured.length < delivering)));
    }
    return { delivering: measured.slice(0, delivering), firing: measured.slice(delivering), doubles: telegram.texts.length - delivering * due };
  } finally {
    for (const name of Object.keys(services)) await stop(name);
    telegram.close();
    await dataSource.destroy();
  }

  async function burst(instant, from, delivers) {
    await dataSource.query('CHECKPOINT');
    // As intake does in the transaction that stores a reminder.
    await dataSource.transaction((manager) => hasten(manager, 'memory', instant));
    if (Date.now() > from) throw new Error('the burst before this one was not over in time: nothing can be measured on a machine that is so slow');
    await pause(from - Date.now());
    const [before, receivedBefore] = [used(), telegram.texts.length];
    const [fired, delivered] = await Promise.all([
      commits((sql, values) => dataSource.query(sql, values), FIRED, due, from, betweenDelivering),
      delivers ? arrivals(() => telegram.texts.length - receivedBefore, due, from, betweenDelivering) : undefined,
    ]);
    return { fired, delivered, micros: Object.fromEntries(Object.entries(used()).map(([name, seconds]) => [name, ((seconds - before[name]) * 1e6) / due])) };
  }
}

/** Ready when it says so. @returns {Promise<{ pid: number, stop: () => Promise<void> }>} */
async function service(name, env) {
  const child = spawn(process.execPath, [...SERVICE_NODE_OPTIONS, join(root, `program/${name}.js`)], { env: { ...env, LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text = (text + String(data)).slice(-10_000);
      if (text.includes('"msg":"ready"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${text}`)));
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await exit;
    clearTimeout(timer);
  };
  return { pid: child.pid, stop };
}

async function fakeBotApi() {
  const texts = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { chat_id: chat, text } = JSON.parse(body);
    texts.push(text);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, result: { message_id: texts.length, date: 0, chat: { id: Number(chat), type: 'private' }, text } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { root: `http://127.0.0.1:${server.address().port}`, texts, close: () => (server.closeAllConnections(), server.close()) };
}

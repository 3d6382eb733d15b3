/** A scheduler and a notifier as they run in production, with a million reminders stored, of which ten thousand fall due at one instant. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createDataSource, hasten } from '@carillon/persistence';
import { SERVICE_NODE_OPTIONS } from '../../../tools/node-options.mjs';
import { phase } from '../../../tools/progress.mjs';
import { root } from '../bench-folder.mjs';
import { cpuSecondsOf } from '../cpu-time.mjs';
import { inherited } from '../temporary-stack.mjs';
import { arrivals } from './arrivals.mjs';
import { letFallDue, makeReminders } from './seed.mjs';

const AHEAD_SECONDS = 5;
const WITHIN_MS = 120_000;

/** @returns {Promise<{ fired: object, delivered: object, doubles: number, micros: { firing: Record<string, number>, delivering: Record<string, number> } }>} `micros`: processor time of each reminder by process, until all were fired, and until all were delivered */
export async function fireInTheHouse(servers, { stored, due }) {
  const url = await servers.freshDatabase('reminders', { migrated: true });
  const bus = await servers.freshBus();
  const dataSource = await createDataSource({ url, service: 'bench', poolSize: 2, statementTimeoutMs: 600_000 });
  const telegram = await fakeBotApi();
  const env = { ...inherited(), DATABASE_URL: url, LOG_LEVEL: 'warn', LOG_FORMAT: 'json' };
  const services = [];
  try {
    await phase(`  ${stored} reminders`, () => makeReminders(dataSource, stored));
    services.push(await service('scheduler', { ...env, NATS_URL: bus.url('scheduler') }));
    services.push(
      await service('notifier', { ...env, NATS_URL: bus.url('notifier'), TELEGRAM_BOT_TOKEN: '1:bench', TELEGRAM_API_ROOT: telegram.root, TELEGRAM_PER_SECOND: '1000', TELEGRAM_CHAT_INTERVAL_MS: '0', NOTICE_CONCURRENCY: '64' }),
    );
    await dataSource.query('CHECKPOINT');
    const at = await letFallDue(dataSource, due, AHEAD_SECONDS);
    // As intake does in the transaction that stores a reminder.
    await dataSource.transaction((manager) => hasten(manager, 'memory', at));
    const committed = arrivals(async () => (await dataSource.query(`SELECT count(*)::int AS n FROM notices.notice WHERE message_type = 'reminder'`))[0].n, due, at.getTime(), WITHIN_MS);
    const [scheduler, notifier] = services;
    const used = () => ({ postgres: servers.cpuSeconds().postgres, bus: servers.cpuSeconds().bus, scheduler: cpuSecondsOf(scheduler.pid), notifier: cpuSecondsOf(notifier.pid) });
    const before = used();
    const since = () => Object.fromEntries(Object.entries(used()).map(([name, seconds]) => [name, Math.round(((seconds - before[name]) * 1e6) / due)]));
    const firing = committed.then(since);
    const [fired, delivered] = await phase(`  ${due} fall due`, () => Promise.all([committed, arrivals(() => telegram.texts.length, due, at.getTime(), WITHIN_MS)]));
    return { fired, delivered, doubles: telegram.texts.length - due, micros: { firing: await firing, delivering: since() } };
  } finally {
    for (const { stop } of services.reverse()) await stop();
    telegram.close();
    await dataSource.destroy();
  }
}

/** Ready when it says so. @returns {Promise<{ pid: number, stop: () => Promise<void> }>} */
async function service(name, env) {
  const child = spawn(process.execPath, [...SERVICE_NODE_OPTIONS, join(root, `apps/${name}/dist/main.js`)], { env: { ...env, LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'inherit'] });
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

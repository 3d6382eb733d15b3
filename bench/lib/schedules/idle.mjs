/** What the whole house costs while nobody wants anything: processor, memory, and statements that it sends to the database. */
import { createDataSource } from '@carillon/persistence';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { phase } from '../../../tools/progress.mjs';
import { folder } from '../bench-folder.mjs';
import { cpuPercent, descendants } from '../processes.mjs';
import { withTemporaryStack } from '../temporary-stack.mjs';

/** After a start, caches fill, connections open, and the compilers of four processes are at work. */
const SETTLE_SECONDS = 60;
/** Statements named on the way. */
const MOST_SHOWN = 15;
const SERVICES = ['intake', 'scheduler', 'notifier', 'backup'];

/** @param {{ idleSeconds: number }} extent */
export async function idleHouse({ idleSeconds }) {
  // The pace of production, not that of a first start with a person waiting.
  return withTemporaryStack({ services: SERVICES, env: { BATCH_POLL_SECONDS: '60', LOG_LEVEL: 'info' } }, async (state) => {
    await phase('  letting it come to rest', () => wait(SETTLE_SECONDS * 1_000));
    const ours = () => descendants().filter(({ command }) => /nats-server/.test(command) || SERVICES.some((name) => command.includes(`program/${name}.js`)));
    const before = ours();
    const started = performance.now();
    await phase('  the whole house, idle', () => wait(idleSeconds * 1_000));
    const after = ours();
    if (after.length < SERVICES.length + 1) throw new Error(`only ${after.length} processes were found: ${after.map(({ command }) => command).join('; ')}`);
    const seconds = (performance.now() - started) / 1_000;
    for (const one of after) process.stderr.write(`    ${nameOf(one)}: ${Math.round(one.rssBytes / 1e6)} MB, ${cpuPercent(before.filter(({ pid }) => pid === one.pid), [one], seconds).toFixed(1)} %\n`);
    return {
      cpuPercent: cpuPercent(before, after, seconds),
      rssBytes: after.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
      queriesPerMinute: await phase('  counting its statements', () => statements(state.databaseUrl, idleSeconds)),
    };
  });
}

/** Every statement that services send, as Postgres logs them; BEGIN and COMMIT count as well. */
async function statements(databaseUrl, seconds) {
  const dataSource = await createDataSource({ url: databaseUrl, service: 'bench', poolSize: 1 });
  try {
    for (const sql of [`ALTER SYSTEM SET log_statement = 'all'`, `ALTER SYSTEM SET log_line_prefix = '%a|'`, 'SELECT pg_reload_conf()']) await dataSource.query(sql);
    await wait(1_000);
    const before = logged();
    await wait(seconds * 1_000);
    const said = logged().slice(before.length);
    const counted = said.length;
    if (counted === 0) throw new Error('no statement was logged, so they can not be counted');
    for (const [what, count] of often(said)) process.stderr.write(`    ${Math.round((count / seconds) * 60)} a minute: ${what}\n`);
    return (counted / seconds) * 60;
  } finally {
    await dataSource.destroy();
  }
}

/** @returns {string[]} who sent what, in the order of the log */
function logged() {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((file) => /postgres.*\.log$/.test(file) && statSync(file).isFile());
  return files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^(carillon-(?!bench)[^|]*)\|.*?(?:statement|execute [^:]*): (.*)$/gm)].map(([, who, what]) => `${who} ${what.trim().slice(0, 90)}`));
}

/** The statements that make up most of it, for whoever wants fewer. */
function often(statements) {
  const counts = new Map();
  for (const one of statements) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_SHOWN);
}

const nameOf = ({ command }) => SERVICES.find((name) => command.includes(`apps/${name}/`)) ?? 'nats-server';

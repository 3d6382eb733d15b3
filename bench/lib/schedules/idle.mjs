/** What the whole house costs while nobody wants anything: processor, memory, and statements that it sends to the database. */
import { createDataSource } from '@carillon/persistence';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { phase } from '../../../tools/progress.mjs';
import { folder } from '../bench-folder.mjs';
import { cpuPercent, descendants } from '../processes.mjs';
import { withTemporaryStack } from '../temporary-stack.mjs';

/** After a start, caches fill and connections open. */
const SETTLE_SECONDS = 5;
const SERVICES = ['intake', 'scheduler', 'notifier', 'backup'];

/** @param {{ idleSeconds: number }} extent */
export async function idleHouse({ idleSeconds }) {
  // The pace of production, not that of a first start with a person waiting.
  return withTemporaryStack({ services: SERVICES, env: { BATCH_POLL_SECONDS: '60', LOG_LEVEL: 'info' } }, async (state) => {
    await wait(SETTLE_SECONDS * 1_000);
    const ours = () => descendants().filter(({ command }) => /nats-server/.test(command) || SERVICES.some((name) => command.includes(`apps/${name}/dist/main.js`)));
    const before = ours();
    const started = performance.now();
    await phase('  the whole house, idle', () => wait(idleSeconds * 1_000));
    const after = ours();
    if (after.length < SERVICES.length + 1) throw new Error(`only ${after.length} processes were found: ${after.map(({ command }) => command).join('; ')}`);
    return {
      cpuPercent: cpuPercent(before, after, (performance.now() - started) / 1_000),
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
    const counted = logged() - before;
    if (counted === 0) throw new Error('no statement was logged, so they can not be counted');
    return (counted / seconds) * 60;
  } finally {
    await dataSource.destroy();
  }
}

function logged() {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((file) => /postgres.*\.log$/.test(file) && statSync(file).isFile());
  return files.reduce((sum, file) => sum + (readFileSync(file, 'utf8').match(/^carillon-(?!bench)[^|]*\|.*(statement|execute [^:]*): /gm)?.length ?? 0), 0);
}

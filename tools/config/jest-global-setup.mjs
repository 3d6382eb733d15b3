/**
 * What every test may count on, whether jest was started by `npm test`, by hand or by an editor: one Postgres with a migrated template
 * database, and a nats-server program. Told to the workers through the environment, which `@carillon/testing` reads.
 */
import { ensureDatabase, startPostgres } from '../embedded/postgres.mjs';
import { findNatsServer } from '../embedded/nats-binary.mjs';
import { clearTestFolder, makeTestFolder, sweepTestFolders } from '../embedded/test-folder.mjs';
import { migrate } from '../migrate.mjs';
import { say } from '../progress.mjs';
import { buildState } from '../setup.mjs';
import { join, resolve } from 'node:path';

const TEMPLATE = 'carillon_template';
const root = resolve(import.meta.dirname, '../..');

export default async function setup() {
  await sweepTestFolders();
  const folder = makeTestFolder();
  // Jest ends without its teardown on a signal. A second one while the servers end is not listened to.
  let ending;
  const end = () => (ending ??= clearTestFolder(folder).finally(() => process.exit(130)));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  globalThis.carillonTestFolder = folder;
  try {
    if (buildState(root) !== 'current') process.stderr.write('dist is older than the sources; migrations and worker threads come from it: npm run build\n');
    const [binary, postgres] = await Promise.all([
      findNatsServer({ binFolder: join(root, '.carillon/bin'), say }),
      startPostgres({ folder: join(folder, 'postgres'), profile: 'test' }),
    ]);
    await ensureDatabase(postgres, TEMPLATE);
    process.env.NATS_SERVER_BIN = binary;
    process.env.TEST_FOLDER = folder;
    process.env.TEST_DATABASE_ADMIN_URL = postgres.url('postgres');
    process.env.TEST_TEMPLATE_DATABASE = TEMPLATE;
    // Specs that need no rows still run when the migrations, or the build they come from, are broken; the others say this as their reason.
    await migrate({ root, url: postgres.url(TEMPLATE) }).catch((error) => {
      process.env.TEST_TEMPLATE_PROBLEM = error.message;
      process.stderr.write(`The template database is not migrated, specs that need it will fail: ${error.message}\n`);
    });
  } catch (error) {
    await clearTestFolder(folder);
    throw error;
  }
}

/**
 * A database of its own for a spec, cloned from the migrated template, so that specs run side by side on a real Postgres and never see each
 * other's rows.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { fromEnvironment, templateDatabase } from './environment.js';

export interface TestDatabase {
  /** `postgres://…`, to be given to whatever is tested. */
  readonly url: string;
  readonly name: string;
  /** Removes the database, also under connections that are still open. Optional: the server goes with the test run. */
  drop(): Promise<void>;
}

/** @param options.migrated false gives an empty database, for specs of the migrations themselves */
export async function testDatabase({ migrated = true }: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(SHARE_FILES, `CREATE DATABASE ${name} TEMPLATE ${migrated ? templateDatabase() : 'template0'} STRATEGY FILE_COPY`);
  const url = new URL(fromEnvironment('TEST_DATABASE_ADMIN_URL'));
  url.pathname = `/${name}`;
  return { url: url.href, name, drop: () => asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Where the file system lets copies share their blocks, a clone takes half the time. */
const SHARE_FILES = `SELECT set_config(name, 'clone', false) FROM pg_settings WHERE name = 'file_copy_method' AND 'clone' = ANY (enumvals)`;

async function asAdmin(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: fromEnvironment('TEST_DATABASE_ADMIN_URL') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

import { expect, it } from '@jest/globals';
import pg from 'pg';
import { testDatabase } from './index.js';

async function rows(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

it('gives each caller a database of its own', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await rows(one.url, 'CREATE TABLE mine (id int)');
  expect(await rows(other.url, `SELECT to_regclass('mine') AS found`)).toEqual([{ found: null }]);
  await Promise.all([one.drop(), other.drop()]);
});

it('drops it under open connections', async () => {
  const database = await testDatabase({ migrated: false });
  const client = new pg.Client({ connectionString: database.url });
  const closed = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await database.drop();
  await closed;
  await expect(rows(database.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
});

it('sorts by code point and speaks UTF-8 in UTC, whatever the machine does', async () => {
  const database = await testDatabase({ migrated: false });
  expect(await rows(database.url, `SELECT array(SELECT x FROM unnest(array['é', 'z', 'B', 'a']) AS x ORDER BY x) AS sorted, current_setting('TimeZone') AS zone`)).toEqual([
    { sorted: ['B', 'a', 'z', 'é'], zone: 'UTC' },
  ]);
  await database.drop();
});

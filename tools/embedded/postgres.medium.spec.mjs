import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPostgresOn, startPostgres } from './postgres.mjs';
import { endProcess, isAlive } from './process.mjs';

let folder;
let started;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-postgres-'));
  chmodSync(folder, 0o755);
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((postgres) => postgres.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(profile = 'test') {
  const postgres = await startPostgres({ folder, profile });
  started.push(postgres);
  return postgres;
}
async function query(postgres, statement) {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

it('takes over from a server that a killed start left running', async () => {
  const left = await start();
  await query(left, 'CREATE TABLE kept AS SELECT 1 AS id');
  const next = await start();
  expect(isAlive(left.pid)).toBe(false);
  expect(await query(next, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
});

it('starts after it was killed, with everything that was committed', async () => {
  const killed = await start('durable');
  await query(killed, 'CREATE TABLE kept AS SELECT 1 AS id');
  await endProcess(killed.pid, [['SIGKILL', 5000]]);
  expect(await query(await start('durable'), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
});

it('leaves a stranger alone that was given the number of an earlier server', async () => {
  await (await start()).stop();
  writeFileSync(join(folder, 'data/postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n`);
  await query(await start(), 'SELECT 1');
});

it('asks for a password that only its owner can read', async () => {
  const postgres = await start();
  const client = new pg.Client({ connectionString: postgres.url('postgres').replace(/:\w+@/, ':wrong@') });
  client.on('error', () => undefined);
  await expect(client.connect()).rejects.toThrow('password authentication failed');
  expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'password'), 'utf8')).toMatch(/^\w{36}$/);
});

it.each([
  ['/modules/native/bin/postgres -D /state/data -p 20001 -c jit=off', true],
  ['/modules/native/bin/postgres -D /state/other -p 20001', false],
  ['vim /state/data', false],
  ['', false],
])('knows its own server by its command line: "%s"', (commandLine, answer) => expect(isPostgresOn(commandLine, '/state/data')).toBe(answer));

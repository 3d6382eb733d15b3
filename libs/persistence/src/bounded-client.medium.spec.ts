import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tcpProxy, testDatabase } from '@carillon/testing';
import type { TcpProxy, TestDatabase } from '@carillon/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { BoundedClient } from './bounded-client.js';
import { createDataSource, migrate } from './index.js';
import type { LedgerDataSource } from './statements.js';

let database: TestDatabase;
let proxy: TcpProxy;
let dataSource: DataSource;
let dataSourceUrl: string;
beforeEach(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = await tcpProxy(Number(url.port));
  url.port = String(proxy.port);
  dataSourceUrl = url.href;
  dataSource = await createDataSource({ url: dataSourceUrl, service: 'spec', poolSize: 2, statementTimeoutMs: 300 });
});
afterEach(async () => {
  await dataSource.destroy();
  await proxy.close();
  await database.drop();
});

// A hung call freezes other schedulers silently: riverqueue #1251, #1255; see complaint 15.
describe('nothing waits for ever on the database', () => {
  it('because the server cancels a statement that takes too long', async () => {
    await expect(dataSource.query('SELECT pg_sleep(30)')).rejects.toThrow('statement timeout');
  });

  it('nor for a lock that somebody holds', async () => {
    const holder = dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('LOCK TABLE engine.schedule IN ACCESS EXCLUSIVE MODE');
    await expect(dataSource.query('SELECT FROM engine.schedule')).rejects.toThrow('statement timeout');
    await holder.rollbackTransaction();
    await holder.release();
  });

  it('nor on a line that went silent: our end gives up, throws the connection away, and the next one works', async () => {
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    proxy.freeze();
    // It would never be answered.
    await expect(dataSource.query('SELECT 1 AS one')).rejects.toThrow('Query read timeout');
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('nor on each of the lines in turn: where one is silent, those at rest are not tried', async () => {
    const many = await createDataSource({ url: dataSourceUrl, service: 'spec', poolSize: 4, statementTimeoutMs: 300 });
    const all = (): Promise<unknown[]> => Promise.all(Array.from({ length: 4 }, () => many.query('SELECT pg_sleep(0.05)')));
    await all();
    proxy.freeze();
    await expect(many.query('SELECT 1')).rejects.toThrow('Query read timeout');
    const began = performance.now();
    await all();
    // One that is tried takes five seconds to be given up.
    expect(performance.now() - began).toBeLessThan(5_000);
    await many.destroy();
  });

  it('nor for the locks of a transaction whose line went silent: Postgres ends it before a lease is over', async () => {
    const cutOff = dataSource.createQueryRunner();
    await cutOff.startTransaction();
    await cutOff.query('LOCK TABLE engine.schedule IN ACCESS EXCLUSIVE MODE');
    proxy.freeze();
    const other = await createDataSource({ url: database.url, service: 'spec', poolSize: 1 });
    const began = performance.now();
    await other.query('SELECT FROM engine.schedule');
    expect(performance.now() - began).toBeLessThan(30_000);
    await other.destroy();
    await cutOff.release().catch(() => undefined);
  });

  it('and the server finds out within a minute that nobody is there', async () => {
    for (const ask of [(sql: string) => dataSource.query(sql), (sql: string) => (dataSource as LedgerDataSource).once({ name: sql, text: sql }, [])]) {
      expect(await ask('SHOW tcp_keepalives_idle')).toEqual([{ tcp_keepalives_idle: '30' }]);
      expect(await ask('SHOW tcp_keepalives_interval')).toEqual([{ tcp_keepalives_interval: '10' }]);
      expect(await ask('SHOW tcp_keepalives_count')).toEqual([{ tcp_keepalives_count: '3' }]);
    }
  });

  it('and nobody dies of a connection that is ended while it changes hands: its next owner is told, and the pool makes another', async () => {
    const pool = new pg.Pool({ connectionString: dataSourceUrl, max: 1, Client: BoundedClient } as pg.PoolConfig);
    const { pid } = (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0] ?? { pid: 0 };
    // Handed on, and nobody listens yet.
    const client = await pool.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    await dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
    await ended;
    await expect(client.query('SELECT 1')).rejects.toThrow(/connection|terminated/i);
    client.release();
    expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('but a migration may take what it takes, and waits for locks a bounded time', async () => {
    const seen: Record<string, string>[] = [];
    class Slow1999000000000 {
      readonly name = 'Slow1999000000000';
      async up(runner: { query(sql: string): Promise<Record<string, string>[]> }): Promise<void> {
        await runner.query('SELECT pg_sleep(0.6)');
        seen.push(...(await runner.query('SHOW statement_timeout')), ...(await runner.query('SHOW lock_timeout')));
      }
      async down(): Promise<void> {}
    }
    const slow = await createDataSource({ url: database.url, service: 'spec', poolSize: 2, statementTimeoutMs: 300, migrations: [Slow1999000000000] });
    expect(await migrate(slow)).toContain('Slow1999000000000');
    expect(seen).toEqual([{ statement_timeout: '0' }, { lock_timeout: '30s' }]);
    await slow.destroy();
  });
});

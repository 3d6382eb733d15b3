/**
 * Where steps write. In memory there is nothing to write to, and whoever tries is told so; with a database it is a real one, cloned for this bell, whose clock
 * stands where the virtual one does.
 */
import type { Transaction } from '@carillon/engine';
import type { createDataSource, DatabaseOptions } from '@carillon/persistence';
import { NoDatabase } from './errors.js';
import type { ToldNotice } from './story.js';

export type Database = Awaited<ReturnType<typeof createDataSource>>;
export type Tables = Pick<DatabaseOptions, 'entities' | 'migrations'>;

export interface Store {
  /** From now on the store's clock stands here. */
  setClock(now: Date): Promise<void>;
  inTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Every notice that was queued so far. */
  notices(): Promise<ToldNotice[]>;
  close(): Promise<void>;
}

export const memory: Store = {
  setClock: async () => undefined,
  inTransaction: (work) => work(noTransaction),
  notices: async () => [],
  close: async () => undefined,
};

/** Opens a database of the bell's own, migrated with the tables of the pipeline. */
export async function openDatabase(tables: Tables): Promise<{ store: Store; database: Database }> {
  // Loaded when they are wanted: most bells ring in memory, and a spec of theirs starts in half the time.
  const [{ asTransaction, createDataSource, inTransaction, migrate }, { testDatabase }] = await Promise.all([import('@carillon/persistence'), import('@carillon/testing')]);
  const { url, drop } = await testDatabase();
  const database = await createDataSource({ url, service: 'harness', poolSize: 4, ...tables });
  await migrate(database);
  let shown: number | undefined;
  const store: Store = {
    setClock: async (now) => {
      if (now.getTime() === shown) return;
      shown = now.getTime();
      await database.query(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT timestamptz ''${now.toISOString()}'''`);
    },
    inTransaction: (work) => inTransaction(database, (manager) => work(asTransaction(manager))),
    notices: () => database.query(`SELECT channel, recipient, message_type AS "messageType", content, created_at AS "queuedAt" FROM notices.notice ORDER BY created_at, id`),
    close: async () => {
      await database.destroy();
      await drop();
    },
  };
  return { store, database };
}

const noTransaction = new Proxy({} as Transaction, {
  get: (_nothing, key) => {
    // Whoever awaits or prints it does not ask for rows.
    if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined;
    throw new NoDatabase(`"${key}" of a transaction was asked for, and this bell rings without a database: give it one with ring(pipeline, { tables: { entities, migrations }, services: (dataSource) => … })`);
  },
});

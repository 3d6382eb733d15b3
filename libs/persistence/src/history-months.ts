/**
 * The months of the history: tables that are partitioned by the month of their run's id, made ahead, listed, read for an archive and dropped when they
 * are over. Which tables those are is read from the catalogue, so one that joins them later is kept and dropped with the others.
 */
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { inTransaction, sqlState } from './transaction.js';

export interface HistoryTable {
  /** Without its schema: `run_2026_11`. */
  name: string;
  /** What the planner believes; exact counts are made when they matter. */
  rows: number;
  bytes: number;
}

export interface HistoryMonth {
  /** `2026-11` */
  month: string;
  tables: HistoryTable[];
  /** Runs of this month that are not over. */
  active: number;
}

/** Making and dropping partitions needs the whole table for an instant; behind a long transaction it is tried again later, and nobody queues up behind it. */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_NOT_AVAILABLE = '55P03';
const CHECK_VIOLATION = '23514';

/** A partitioned table, and the column that its months are cut by: the id of a run, whose first bits are its time, or a time itself. */
interface Parent {
  parent: string;
  key: string;
  byId: boolean;
  fallback: string;
}

/** Makes the partitions of this month and the next ones where they are missing. @returns the months that were made */
export async function makeMonths(dataSource: DataSource, ahead = 2): Promise<string[]> {
  const parents = await parentsOf(dataSource.manager);
  const months = await dataSource.manager.query<{ month: string }[]>(
    `SELECT to_char(m, 'YYYY-MM') AS month FROM generate_series(date_trunc('month', engine.clock() AT TIME ZONE 'UTC'), date_trunc('month', engine.clock() AT TIME ZONE 'UTC') + $1 * interval '1 month', interval '1 month') m`,
    [ahead],
  );
  const made = new Set<string>();
  for (const { month } of months) for (const parent of parents) if (await makeMonth(dataSource, parent, month)) made.add(month);
  return [...made];
}

async function makeMonth(dataSource: DataSource, parent: Parent, month: string): Promise<boolean> {
  const name = `${parent.parent}_${month.replace('-', '_')}`;
  const [there] = await dataSource.manager.query<{ there: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS there', [`engine.${name}`]);
  if (there?.there === true) return false;
  const bound = (instant: string): string => (parent.byId ? `engine.first_id_of(${instant})` : instant);
  const [bounds] = await dataSource.manager.query<{ from: string; to: string }[]>(
    `SELECT (${bound(`($1 || '-01')::timestamp AT TIME ZONE 'UTC'`)})::text AS from, (${bound(`(($1 || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC'`)})::text AS to`,
    [month],
  );
  if (!bounds) throw new Error(`the database did not answer the bounds of ${month}`);
  const { from, to } = bounds;
  const create = `CREATE TABLE engine.${name} PARTITION OF engine.${parent.parent} FOR VALUES FROM ('${from}') TO ('${to}')`;
  try {
    await patiently(dataSource, (manager) => manager.query(create));
  } catch (error) {
    if (sqlState(error) !== CHECK_VIOLATION) throw error;
    // Rows that came before their month had a partition lie in the default one.
    await patiently(dataSource, async (manager) => {
      await manager.query(`LOCK TABLE engine.${parent.parent} IN ACCESS EXCLUSIVE MODE`);
      await manager.query(`CREATE TEMP TABLE strays (LIKE engine.${parent.parent}) ON COMMIT DROP`);
      await manager.query(`WITH moved AS (DELETE FROM engine.${parent.fallback} WHERE ${parent.key} >= '${from}' AND ${parent.key} < '${to}' RETURNING *) INSERT INTO strays SELECT * FROM moved`);
      await manager.query(create);
      await manager.query(`INSERT INTO engine.${name} SELECT * FROM strays`);
    });
  }
  return true;
}

async function parentsOf(manager: EntityManager): Promise<Parent[]> {
  return manager.query(
    `SELECT p.relname AS parent, a.attname AS key, a.atttypid = 'uuid'::regtype AS "byId", d.relname AS fallback FROM pg_partitioned_table t JOIN pg_class p ON p.oid = t.partrelid JOIN pg_class d ON d.oid = t.partdefid
     JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = t.partattrs[0] WHERE p.relnamespace = 'engine'::regnamespace ORDER BY p.relname`,
  );
}

/** Every month that has partitions, oldest first. */
export function historyMonths(dataSource: DataSource): Promise<HistoryMonth[]> {
  return monthsIn(dataSource.manager);
}

async function monthsIn(manager: EntityManager): Promise<HistoryMonth[]> {
  return manager.query(
    `WITH part AS (
       SELECT c.relname AS name, replace(right(c.relname, 7), '_', '-') AS month, greatest(0, c.reltuples)::float8 AS rows, pg_total_relation_size(c.oid)::float8 AS bytes
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
       WHERE p.relnamespace = 'engine'::regnamespace AND p.relkind = 'p' AND c.relkind = 'r' AND c.relname ~ '_\\d{4}_\\d{2}$'
     )
     SELECT month, json_agg(json_build_object('name', name, 'rows', rows, 'bytes', bytes) ORDER BY name) AS tables,
            (SELECT count(*)::int FROM engine.active_run WHERE run_id >= engine.first_id_of((month || '-01')::timestamp AT TIME ZONE 'UTC') AND run_id < engine.first_id_of(((month || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC')) AS active
     FROM part GROUP BY month ORDER BY month`,
  );
}

/** The month of the database's clock, `2026-11`. */
export async function monthNow(dataSource: DataSource): Promise<string> {
  const [row] = await dataSource.manager.query<{ month: string }[]>(`SELECT to_char(engine.clock() AT TIME ZONE 'UTC', 'YYYY-MM') AS month`);
  return row?.month ?? '';
}

/**
 * Drops a month, all its tables or none. Its keys for deduplication go with it: a key is remembered as long as the run that it made.
 * @param counts how many rows each table must have, as an archive counted them; undefined when there is none
 * @throws MonthNotOver, MonthChanged
 */
export async function dropMonth(dataSource: DataSource, month: string, counts?: ReadonlyMap<string, number>): Promise<void> {
  await patiently(dataSource, async (manager) => {
    await manager.query(`SET LOCAL statement_timeout = 0`);
    const [found] = (await monthsIn(manager)).filter((one) => one.month === month);
    if (!found) throw new MonthNotOver(`there is no history of ${month} to drop`);
    const [now] = await manager.query<{ past: boolean }[]>(`SELECT (($1 || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC' <= engine.clock() AS past`, [month]);
    if (now?.past !== true) throw new MonthNotOver(`${month} is not over yet, so its history stays`);
    if (found.active > 0) throw new MonthNotOver(`${found.active} runs of ${month} are not over, so its history stays: "carillon runs --status running" lists them`);
    for (const { name } of found.tables) {
      const expected = counts?.get(name);
      if (counts && expected === undefined) throw new MonthChanged(`${name} is not in the archive, so ${month} stays`);
      if (expected === undefined) continue;
      const [{ count } = { count: -1 }] = await manager.query<{ count: number }[]>(`SELECT count(*)::float8 AS count FROM engine.${name}`);
      if (count !== expected) throw new MonthChanged(`${name} has ${count} rows and its archive ${expected}, so ${month} stays`);
    }
    for (const { name } of found.tables) await manager.query(`DROP TABLE engine.${name}`);
    await manager.query(
      `DELETE FROM engine.run_key WHERE run_id >= engine.first_id_of(($1 || '-01')::timestamp AT TIME ZONE 'UTC') AND run_id < engine.first_id_of((($1 || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC')`,
      [month],
    );
  });
}

export class MonthNotOver extends Error {
  override readonly name = 'MonthNotOver';
}

export class MonthChanged extends Error {
  override readonly name = 'MonthChanged';
}

/** Exactly, however long that takes. */
export async function countRows(dataSource: DataSource, table: string): Promise<number> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query(`SET LOCAL statement_timeout = 0`);
    const [row] = await manager.query<{ count: number }[]>(`SELECT count(*)::float8 AS count FROM engine.${table}`);
    return row?.count ?? 0;
  });
}

const ROWS_AT_ONCE = 2_000;

/** Every row of one table as JSON, in batches, as they were at one instant. */
export async function* rowsOf(dataSource: DataSource, table: string): AsyncGenerator<string[]> {
  const runner: QueryRunner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    await runner.query(`SET LOCAL statement_timeout = 0`);
    await runner.query(`DECLARE history NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS row FROM engine.${table} t`);
    for (;;) {
      const rows = (await runner.query(`FETCH ${ROWS_AT_ONCE} FROM history`)) as { row: string }[];
      if (rows.length === 0) return;
      yield rows.map(({ row }) => row);
    }
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
  }
}

/** One process at a time keeps the history. @returns undefined when another one does */
export async function asHistoryKeeper<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T | undefined> {
  const runner = dataSource.createQueryRunner();
  try {
    const [row] = (await runner.query(`SELECT pg_try_advisory_lock(hashtext('carillon.history')) AS ours`)) as { ours: boolean }[];
    if (row?.ours !== true) return undefined;
    try {
      return await work();
    } finally {
      await runner.query(`SELECT pg_advisory_unlock(hashtext('carillon.history'))`);
    }
  } finally {
    await runner.release();
  }
}

async function patiently<T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  try {
    return await inTransaction(dataSource, async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return work(manager);
    });
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) throw new HistoryBusy(`a long transaction holds the history; nothing was changed, try again later`, { cause: error });
    throw error;
  }
}

export class HistoryBusy extends Error {
  override readonly name = 'HistoryBusy';
}

/**
 * The statements of the hot path: prepared once per connection, on connections of their own. So a pipeline that holds every connection of the
 * pool can not keep the engine from settling, and the planner, which sees our tables while they are small, can not remember a plan that reads
 * them whole.
 */
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { DataSourceOptions, EntityManager } from 'typeorm';
import { SERVER_KEEPALIVES } from './bounded-client.js';
import { TRY_AGAIN_ATTEMPTS, isTryAgain } from './transaction.js';

export interface Statement {
  /** Unique among all statements; the server keeps the plan under it. */
  name: string;
  text: string;
}

/** A data source with the engine's own few connections beside its pool. */
export class LedgerDataSource extends DataSource {
  private readonly hot: pg.Pool;

  constructor(options: DataSourceOptions, hot: pg.PoolConfig) {
    super(options);
    this.hot = new pg.Pool({ ...hot, options: `-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c plan_cache_mode=force_generic_plan ${SERVER_KEEPALIVES}` });
    // A connection that breaks while idle is replaced at its next use.
    this.hot.on('error', () => undefined);
  }

  /** Runs one statement as a transaction of its own, again when the database asks for it. */
  async once<Row>(statement: Statement, values: unknown[]): Promise<Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { rows } = await this.hot.query({ ...statement, values });
        return rows as Row[];
      } catch (error) {
        if (attempt === TRY_AGAIN_ATTEMPTS || !isTryAgain(error)) throw error;
      }
    }
  }

  override async destroy(): Promise<void> {
    if (!this.hot.ended) await this.hot.end();
    await super.destroy();
  }
}

/** The statement on the hot path of a data source that `createDataSource` made. */
export function once<Row>(dataSource: DataSource, statement: Statement, values: unknown[]): Promise<Row[]> {
  if (!(dataSource instanceof LedgerDataSource)) throw new Error('this data source has no hot path: open it with createDataSource');
  return dataSource.once(statement, values);
}

/** Runs statements: an entity manager inside a transaction, or the hot path, where each statement is a transaction of its own. */
export interface Ask {
  <Row>(statement: Statement, values: unknown[]): Promise<Row[]>;
}

export const askIn = (manager: EntityManager): Ask => <Row>(statement: Statement, values: unknown[]): Promise<Row[]> => manager.query<Row[]>(statement.text, values);

export const askOnce = (dataSource: DataSource): Ask => <Row>(statement: Statement, values: unknown[]): Promise<Row[]> => once<Row>(dataSource, statement, values);

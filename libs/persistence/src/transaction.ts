/**
 * The engine passes transactions around without looking inside; this file is the one place where they are opened. Also: how a transaction is
 * run, and the database's clock.
 */
import type { Transaction } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { QueryFailedError } from 'typeorm';

/** Opens the engine's opaque transaction. Only stores call this. */
export const managerOf = (transaction: Transaction): EntityManager => transaction as unknown as EntityManager;

/** Closes an entity manager's transaction into what the engine passes around. */
export const asTransaction = (manager: EntityManager): Transaction => manager as unknown as Transaction;

/** Deadlock, serialization failure, lock not available: the database asks to try the whole transaction again. */
const TRY_AGAIN = new Set(['40P01', '40001', '55P03']);
export const TRY_AGAIN_ATTEMPTS = 4;
export const isTryAgain = (error: unknown): boolean => TRY_AGAIN.has(sqlState(error) ?? '');

/** Runs work in one transaction, READ COMMITTED as every connection of ours begins it, again when the database asks for it; any other error rolls back and is thrown. */
export async function inTransaction<T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dataSource.transaction(work);
    } catch (error) {
      if (attempt === TRY_AGAIN_ATTEMPTS || !isTryAgain(error)) throw error;
    }
  }
}

/** Reads that belong together see the database as it was at the first of them, whatever others commit meanwhile. */
export async function inOneSnapshot<T>(dataSource: DataSource, read: (manager: EntityManager) => Promise<T>): Promise<T> {
  return dataSource.transaction('REPEATABLE READ', read);
}

/** The database's time; every service that shares the database agrees on it. Milliseconds are kept, microseconds are not. */
export async function databaseNow(manager: EntityManager): Promise<Date> {
  const [row] = await manager.query<{ now: Date }[]>('SELECT engine.clock() AS now');
  if (!row) throw new Error('the database did not answer SELECT engine.clock() AS now');
  return row.now;
}

/** The five-character SQLSTATE of a failed query, if that is what it is. */
export function sqlState(error: unknown): string | undefined {
  const { code } = (error instanceof QueryFailedError ? error.driverError : error) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Refused, cut off or shut down: the connection is gone, and nobody knows whether the last statement happened. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = sqlState(error) ?? (error as { code?: unknown }).code;
  if (typeof code === 'string') return /^(08...|57P0[1-3]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code);
  // What the driver itself says has no code.
  return /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed|Query read timeout)/.test(error.message);
}

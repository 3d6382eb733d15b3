/**
 * Gives evidence its place in the chain. Writers append without waiting for each other and may commit in any order; one sealer at a time takes
 * whatever is not sealed yet, so a row that commits late is sealed late, and never missed.
 */
import { GENESIS, sealEntries } from '@carillon/evidence';
import type { ChainHead } from '@carillon/evidence';
import { databaseNow, inTransaction } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { anyUnsealed, chainHead, sealRows, unsealed } from '../store/evidence.js';

/** Rows sealed in one transaction: short enough that another sealer, or the daily root, does not wait long. */
const BATCH_SIZE = 1_000;

/**
 * Seals everything that is committed and unsealed, oldest first; called about every second. When another sealer is at work it leaves it to that one.
 * @returns how many rows were sealed
 * @throws EvidenceError for a row that can not be hashed, which only SQL by hand can have written; nothing is sealed past it
 */
export async function sealPending(dataSource: DataSource): Promise<number> {
  // Nearly always there is nothing, and a transaction to find that out would be the house's busiest.
  if (!(await anyUnsealed(dataSource.manager))) return 0;
  for (let total = 0; ; ) {
    const sealed = await inTransaction(dataSource, sealBatch);
    total += sealed;
    if (sealed < BATCH_SIZE) return total;
  }
}

async function sealBatch(manager: EntityManager): Promise<number> {
  if (!(await holdsTheChain(manager))) return 0;
  const drafts = await unsealed(manager, BATCH_SIZE);
  if (drafts.length === 0) return 0;
  const head: ChainHead = (await chainHead(manager)) ?? GENESIS;
  await sealRows(manager, sealEntries(head, drafts), await databaseNow(manager));
  return drafts.length;
}

/** Until the end of the transaction nobody else adds to the chain. Writers of evidence do not ask for this. */
async function holdsTheChain(manager: EntityManager): Promise<boolean> {
  const [row] = await manager.query<{ held: boolean }[]>('SELECT pg_try_advisory_xact_lock($1::bigint) AS held', [CHAIN_LOCK]);
  return row?.held === true;
}

/** Waits for the chain to stand still, until the end of the transaction. */
export async function holdTheChain(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1::bigint)', [CHAIN_LOCK]);
}

/** Any number that no other lock of this database uses. */
const CHAIN_LOCK = 704_281_913;

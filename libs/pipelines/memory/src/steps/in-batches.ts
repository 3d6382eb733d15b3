/** Housekeeping in batches, each a transaction of its own. A run does so many at most: what is left rings the next one, and reminders do not wait behind it. */
import type { StepContext } from '@carillon/engine';
import { databaseNow, inTransaction } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { MemoryServices } from '../services.js';

export const BATCH = 500;
const MOST_BATCHES = 20;

/** @param work handles up to so many and answers how many it took */
export async function inBatches({ services, signal }: Pick<StepContext<MemoryServices>, 'services' | 'signal'>, work: (manager: EntityManager, now: Date, limit: number) => Promise<number>): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    signal.throwIfAborted();
    const taken = await inTransaction(services.dataSource, async (manager) => work(manager, await databaseNow(manager), BATCH));
    if (taken < BATCH) return;
  }
}

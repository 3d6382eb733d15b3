/**
 * Tells the witnesses every daily root, until each has it. The root itself is safe in the chain: a witness that is away for weeks costs nothing but a line in the listing
 * that says so, and is told everything once it is back.
 */
import type { StepLog } from '@carillon/engine';
import { databaseNow, inTransaction } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import { claimPublication, oweRoots, recordPublished, recordRefused } from '../../store/root-publications.js';
import { publicRoot } from '../roots-and-proofs.js';
import type { Witness } from './witness.js';

/** How long one attempt may be under way before another process repeats it; well over the longest HTTP timeout that the settings allow. */
const LEASE_MS = 10 * 60_000;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;
const LONGEST_ERROR = 500;

/** When to try again: a minute after the first failure, doubled each time, at most six hours. There is no giving up. */
export function nextPublicationAttempt(attempts: number, now: Date): Date {
  return new Date(now.getTime() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, Math.max(0, attempts - 1))));
}

export class RootPublisher {
  readonly #stopped = new AbortController();

  constructor(private readonly given: { dataSource: DataSource; witnesses: readonly Witness[]; log: StepLog }) {}

  /** One round: at each witness, all roots that are due, oldest first, up to the first failure. @returns how many were published */
  async runOnce(): Promise<number> {
    let published = 0;
    for (const witness of this.given.witnesses) {
      await oweRoots(this.given.dataSource.manager, witness.name, await databaseNow(this.given.dataSource.manager));
      while (await this.#publishNext(witness)) published += 1;
    }
    return published;
  }

  /** Ends an attempt that is under way; it is repeated after its lease. */
  stop(): void {
    this.#stopped.abort();
  }

  async #publishNext(witness: Witness): Promise<boolean> {
    const { dataSource, log } = this.given;
    const claimed = await inTransaction(dataSource, async (manager) => {
      const now = await databaseNow(manager);
      return claimPublication(manager, witness.name, now, new Date(now.getTime() + LEASE_MS));
    });
    if (claimed === undefined) return false;
    const { root, attempts } = claimed;
    const place = { day: root.day, witness: witness.name };
    try {
      const receipt = await witness.publish(publicRoot(root), this.#stopped.signal);
      await recordPublished(dataSource.manager, { ...place, receipt, now: await databaseNow(dataSource.manager) });
      log.info({ ...place, receipt }, 'a daily root was published');
      return true;
    } catch (error) {
      const message = (error as Error).message.slice(0, LONGEST_ERROR);
      const nextAttemptAt = nextPublicationAttempt(attempts, await databaseNow(dataSource.manager));
      await recordRefused(dataSource.manager, { ...place, error: message, nextAttemptAt });
      log.warn({ ...place, attempts, nextAttemptAt, reason: message }, 'a daily root could not be published');
      return false;
    }
  }
}

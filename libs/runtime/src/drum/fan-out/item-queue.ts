/**
 * Which item of a fan-out is next. Reads the list only as far as it is needed, leaves out what earlier attempts ended, and holds those that wait for
 * another try; so its memory is bounded however long the list is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PermanentError } from '@carillon/engine';
import type { Items } from '@carillon/engine';
import type { ItemLedger, RememberedItem } from '@carillon/persistence';

/** One item in hand, with what the ledger remembers of it. */
export interface Entry<Item> {
  key: string;
  item: Item;
  attempts: number;
  revision: number;
}

interface Waiting<Item> extends Entry<Item> {
  /** On the monotonic clock, in milliseconds. */
  at: number;
  dueAt: Date;
}

/** Items read and looked up at once. */
const CHUNK = 200;
/** Waiting items held in memory; while there are more, the list is not read on. */
const MOST_WAITING = 1_000;
/** A shorter wait is waited out by the worker; for a longer one the step gives its place to others and comes back. */
export const PATIENCE_MS = 5_000;
const LONGEST_KEY = 500;

export class ItemQueue<Item> {
  /** Items that are over, of those read so far. */
  settled = 0;
  repeated = 0;
  private read = 0;
  private exhausted = false;
  private failed = false;
  private readonly ready: Entry<Item>[] = [];
  private readonly waiting: Waiting<Item>[] = [];
  private readonly inHand = new Set<string>();
  private readonly iterator: Iterator<Item> | AsyncIterator<Item>;
  private readonly length: number | undefined;
  private reading: Promise<void> | undefined;

  constructor(
    items: Items<Item>,
    private readonly keyOf: (item: Item) => string,
    private readonly ledger: Pick<ItemLedger, 'recall'>,
    private readonly step: string,
  ) {
    this.iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.length = Array.isArray(items) ? items.length : items instanceof Set || items instanceof Map ? items.size : undefined;
  }

  /** How many there are; of a list without a length, how many were read. */
  get total(): number {
    return Math.max(this.read, this.length ?? 0) - this.repeated;
  }

  /** When the first of the waiting items is tried again, and how many wait; undefined when none does. */
  get firstWaiting(): { dueAt: Date; items: number } | undefined {
    const first = this.soonest();
    return first && { dueAt: first.dueAt, items: this.waiting.length };
  }

  /** The next item to try; undefined when there is none now, or `signal` says that no more shall begin. */
  async next(signal: AbortSignal): Promise<Entry<Item> | undefined> {
    while (!signal.aborted && !this.failed) {
      const first = this.soonest();
      if (first && first.at <= performance.now()) return this.waiting.splice(this.waiting.indexOf(first), 1)[0];
      const entry = this.ready.shift();
      if (entry) return entry;
      if (!this.exhausted && this.waiting.length < MOST_WAITING) {
        await (this.reading ??= this.readOn().finally(() => (this.reading = undefined)));
        continue;
      }
      const waitMs = first && first.at - performance.now();
      if (waitMs === undefined || waitMs > PATIENCE_MS) return undefined;
      await delay(Math.max(1, waitMs), undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  /** Takes note of what a try came to. */
  tried(entry: Entry<Item>, { status, attempts, revision, waitMs, dueAt }: RememberedItem): void {
    if (status === 'waiting' && dueAt) {
      this.waiting.push({ ...entry, attempts, revision, dueAt, at: performance.now() + waitMs });
    } else {
      this.inHand.delete(entry.key);
      this.settled += 1;
    }
  }

  /** Lets go of the list, such as a cursor that it reads from. */
  async close(): Promise<void> {
    if (!this.exhausted) await this.iterator.return?.();
  }

  private soonest(): Waiting<Item> | undefined {
    return this.waiting.reduce<Waiting<Item> | undefined>((first, one) => (first && first.at <= one.at ? first : one), undefined);
  }

  private async readOn(): Promise<void> {
    try {
      const chunk = new Map<string, Item>();
      while (chunk.size < CHUNK && !this.exhausted) {
        const { done, value } = await this.iterator.next();
        if (done === true) {
          this.exhausted = true;
          break;
        }
        const key = checkKey(this.keyOf(value), this.read, this.step);
        this.read += 1;
        if (this.inHand.has(key) || chunk.has(key)) this.repeated += 1;
        else chunk.set(key, value);
      }
      if (chunk.size === 0) return;
      const known = await this.ledger.recall([...chunk.keys()]);
      for (const [key, item] of chunk) this.take(key, item, known.get(key));
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  private take(key: string, item: Item, known: RememberedItem | undefined): void {
    const over = known && known.status !== 'waiting';
    // What this very attempt ended came before in the list; what an earlier one ended is done with.
    if (over && known.ours) this.repeated += 1;
    else if (over) this.settled += 1;
    else {
      this.inHand.add(key);
      if (known) this.tried({ key, item, attempts: known.attempts, revision: known.revision }, known);
      else this.ready.push({ key, item, attempts: 0, revision: 0 });
    }
  }
}

function checkKey(key: unknown, place: number, step: string): string {
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY && !/\0|\p{Surrogate}/u.test(key)) return key;
  const shown = typeof key === 'string' ? `"${key.slice(0, 60)}"${key.length > 60 ? ` … (${key.length} characters)` : ''}` : String(key);
  throw new PermanentError(`item ${place + 1} of step "${step}" has the key ${shown}: a key is a text of 1 to ${LONGEST_KEY} whole characters`);
}

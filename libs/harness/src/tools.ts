/**
 * What a step may do with the ledger while it runs, in a house without one: large values are kept in memory, and items of a fan-out are tried one after
 * another. An item that waits for another try makes the step come back at that time, so its waits pass on the virtual clock.
 */
import { afterItem, isReference, PermanentError, snooze } from '@carillon/engine';
import type { AttemptContext, FanOut, FanOutResults, ItemRecord, JsonValue, StepOutcome, Transaction, ValueReference } from '@carillon/engine';

type Write = (transaction: Transaction) => Promise<void>;

interface Known {
  attempts: number;
  record: ItemRecord;
}

export class Tools {
  readonly #values = new Map<string, JsonValue | Uint8Array>();
  readonly #items = new Map<string, Map<string, Known>>();

  /** @param commit runs an item's last write in a transaction of its own */
  constructor(private readonly commit: (write: Write) => Promise<void>) {}

  /** For one attempt. */
  for(run: string, step: string, now: Date, signal: AbortSignal): Pick<AttemptContext<never>, 'keep' | 'read' | 'fanOut'> {
    return {
      keep: async (name, value) => {
        const $ref = `${step}/${name}`;
        this.#values.set(`${run} ${$ref}`, structuredClone(value));
        return { $ref, bytes: value instanceof Uint8Array ? value.byteLength : Buffer.byteLength(JSON.stringify(value)) };
      },
      read: async <Value>(reference: ValueReference<Value>) => {
        const key = `${run} ${isReference(reference) ? reference.$ref : ''}`;
        if (!this.#values.has(key)) throw new PermanentError(`this run keeps no value ${JSON.stringify(reference)}: hand on what context.keep(name, value) answered`);
        return structuredClone(this.#values.get(key)) as Value;
      },
      fanOut: (work) => this.#fanOut(work, `${run} ${step}`, now, signal),
    };
  }

  async #fanOut<Item>(work: FanOut<Item>, place: string, now: Date, signal: AbortSignal): Promise<StepOutcome> {
    const known = this.#items.get(place) ?? new Map<string, Known>();
    this.#items.set(place, known);
    const seen = new Set<string>();
    let repeated = 0;
    for await (const item of await work.items()) {
      const key = work.key(item);
      if (seen.has(key)) repeated += 1;
      else if (isOpen(known.get(key), now)) known.set(key, await this.#try(work, item, key, known.get(key)?.attempts ?? 0, now, signal));
      seen.add(key);
    }
    const waits = [...known.values()].flatMap(({ record }) => (record.status === 'waiting' && record.dueAt ? [record.dueAt] : []));
    const [first] = waits.sort((a, b) => a.getTime() - b.getTime());
    return first ? snooze(first, `${waits.length} items wait for another try`) : work.then(resultsOf(known, repeated));
  }

  async #try<Item>(work: FanOut<Item>, item: Item, key: string, attempts: number, now: Date, signal: AbortSignal): Promise<Known> {
    let outcome = await work.run(item, { key, attempt: attempts + 1, signal });
    if (outcome.kind === 'done' && outcome.write) outcome = await this.#written(work, outcome, outcome.write);
    return { attempts: outcome.kind === 'snooze' ? attempts : attempts + 1, record: afterItem(work.retry, attempts + 1, outcome, now, 0) };
  }

  async #written<Item>(work: FanOut<Item>, outcome: StepOutcome, write: Write): Promise<StepOutcome> {
    try {
      await this.commit(write);
      return outcome;
    } catch (thrown) {
      return { kind: 'fail', error: work.judge(thrown), thrown };
    }
  }
}

const isOpen = (known: Known | undefined, now: Date): boolean => known === undefined || (known.record.status === 'waiting' && (known.record.dueAt ?? now) <= now);

function resultsOf(known: ReadonlyMap<string, Known>, repeated: number): FanOutResults {
  const items = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { record }]) => ({ key, ...record }));
  const count = (status: ItemRecord['status']): number => items.filter((one) => one.status === status).length;
  const counts: Record<string, number> = {};
  for (const item of items) for (const [name, value] of Object.entries(item.counts)) counts[name] = (counts[name] ?? 0) + value;
  return {
    ...{ done: count('done'), failed: count('failed'), skipped: count('skipped'), kept: 0, repeated, counts },
    errors: items.flatMap(({ key, error }) => (error ? [`${key}: ${error.message}`] : [])),
    outputs: async function* () {
      for (const { key, output } of items) if (output) yield { key, output };
    },
  };
}

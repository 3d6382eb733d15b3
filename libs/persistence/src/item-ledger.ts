/**
 * The items of a fan-out as rows. An item's last write and its record are one transaction, together with those of other items that ended at the same
 * time, and none of it commits once the step has another worker. What is recorded stays: whoever takes the step up again goes on from here.
 */
import { afterItem, boundedOutput, recordError } from '@carillon/engine';
import type { ItemRecord, ItemStatus, JsonObject, RecordedError, RetryPolicy, StepOutcome } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { holdFence } from './fence.js';
import { storableJson } from './storable.js';
import { asTransaction, databaseNow, inTransaction, isConnectionLost } from './transaction.js';

/** One try of one item, to be recorded. */
export interface ItemTry {
  key: string;
  /** As the ledger remembers the item; both 0 for a new one. */
  attempts: number;
  revision: number;
  outcome: StepOutcome;
}

/** What the ledger knows of an item. */
export interface RememberedItem {
  key: string;
  status: ItemStatus;
  attempts: number;
  revision: number;
  /** Of a waiting one: when it is tried again, and how long that is from now. */
  dueAt: Date | null;
  waitMs: number;
  /** Recorded by this attempt of the step. */
  ours: boolean;
}

/** How the items of a step ended: counts of rows. */
export interface ItemTally {
  done: number;
  failed: number;
  skipped: number;
  waiting: number;
  kept: number;
  counts: Record<string, number>;
  errors: string[];
}

interface Decided extends ItemRecord {
  key: string;
  attempts: number;
  revision: number;
}

const ERRORS_TOLD = 100;
const PAGE = 500;

export class ItemLedger {
  constructor(
    private readonly dataSource: DataSource,
    private readonly claim: ClaimedStep,
    private readonly policy: { retry: RetryPolicy; judge(thrown: unknown): RecordedError },
  ) {}

  /** What is known of these items; of an item that was never recorded, nothing. */
  async recall(keys: readonly string[]): Promise<Map<string, RememberedItem>> {
    return this.remembered(this.dataSource.manager, keys);
  }

  /**
   * Commits what came of tried items, each with its last write; an item whose write fails has failed, and the others are recorded all the same.
   * @returns what is on record now, in the order of the tries
   * @throws StaleLease when the step has another worker; then nothing was written
   */
  async record(offered: readonly ItemTry[], random: () => number): Promise<RememberedItem[]> {
    const tries = offered.map((one) => ({ ...one, outcome: bounded(this.claim.name, one.key, one.outcome) }));
    return inTransaction(this.dataSource, async (manager) => {
      const now = await databaseNow(manager);
      const decide = (one: ItemTry, outcome: StepOutcome): Decided => decided(this.policy.retry, one, outcome, now, random());
      const written = await this.upsert(manager, tries.map((one) => decide(one, one.outcome)));
      const failed: Decided[] = [];
      for (const one of tries) {
        // One that is on record already was committed by a try whose answer got lost: its effect has happened.
        if (!written.has(one.key) || one.outcome.kind !== 'done' || !one.outcome.write) continue;
        const error = await failureOf(manager, one.outcome.write);
        if (error !== undefined) failed.push(decide(one, { kind: 'fail', error: this.policy.judge(error) }));
      }
      if (failed.length > 0) await this.amend(manager, failed);
      const known = await this.remembered(manager, tries.map(({ key }) => key));
      await holdFence(manager, this.claim);
      return tries.map(({ key }) => known.get(key) as RememberedItem);
    });
  }

  /** Ends what still waits and is no longer in the list: nobody has the item to try it with. */
  async abandonWaiting(): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      await manager.query(
        `UPDATE engine.step_item SET status = 'skipped', reason = 'no longer among the items', error = NULL, due_at = NULL, fence = $3, revision = revision + 1, recorded_at = engine.clock()
         WHERE run_id = $1 AND step = $2 AND status = 'waiting'`,
        [this.claim.run.id, this.claim.name, this.claim.fence],
      );
      await holdFence(manager, this.claim);
    });
  }

  tally(): Promise<ItemTally> {
    return tallyItems(this.dataSource.manager, this.claim.run.id, this.claim.name);
  }

  /** Outputs of what is done, in the order of the keys. */
  async *outputs(): AsyncGenerator<{ key: string; output: JsonObject }> {
    for (let after = ''; ; ) {
      const page = await this.dataSource.manager.query<{ key: string; output: JsonObject }[]>(
        `SELECT key, output FROM engine.step_item WHERE run_id = $1 AND step = $2 AND key > $3 AND status = 'done' AND output IS NOT NULL ORDER BY key LIMIT $4`,
        [this.claim.run.id, this.claim.name, after, PAGE],
      );
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.key;
    }
  }

  /** @returns the keys that were written; what is over, or was recorded by this very try, stays as it is */
  private async upsert(manager: EntityManager, items: readonly Decided[]): Promise<Set<string>> {
    const rows = await manager.query<{ key: string }[]>(
      `INSERT INTO engine.step_item AS kept (run_id, step, key, status, attempts, revision, due_at, counts, output, error, reason, fence)
       SELECT $1, $2, i.key, i.status, i.attempts, i.revision, i.due_at, i.counts, i.output, i.error, i.reason, $4 FROM ${FROM_JSON}
       ON CONFLICT (run_id, step, key) DO UPDATE SET ${SET_FROM.replaceAll('i.', 'excluded.')}, fence = excluded.fence, recorded_at = engine.clock()
         WHERE kept.status = 'waiting' AND kept.revision < excluded.revision
       RETURNING key`,
      [this.claim.run.id, this.claim.name, asJson(items), this.claim.fence],
    );
    return new Set(rows.map(({ key }) => key));
  }

  private async amend(manager: EntityManager, items: readonly Decided[]): Promise<void> {
    await manager.query(`UPDATE engine.step_item kept SET ${SET_FROM} FROM ${FROM_JSON} WHERE kept.run_id = $1 AND kept.step = $2 AND kept.key = i.key`, [
      this.claim.run.id,
      this.claim.name,
      asJson(items),
    ]);
  }

  private async remembered(manager: EntityManager, keys: readonly string[]): Promise<Map<string, RememberedItem>> {
    const rows = await manager.query<RememberedItem[]>(
      `SELECT key, status, attempts, revision, due_at AS "dueAt", greatest(0, coalesce(extract(epoch FROM due_at - engine.clock()) * 1000, 0))::float8 AS "waitMs", fence IS NOT DISTINCT FROM $4::bigint AS ours
       FROM engine.step_item WHERE run_id = $1 AND step = $2 AND key = ANY($3)`,
      [this.claim.run.id, this.claim.name, keys, this.claim.fence],
    );
    return new Map(rows.map((row) => [row.key, row]));
  }
}

/** The items of one step of a run, counted by how they ended. */
export async function tallyItems(manager: EntityManager, runId: string, step: string): Promise<ItemTally> {
  const of = [runId, step];
  const [rows, sums, errors] = [
    await manager.query<{ status: ItemStatus; kept: boolean; items: number; errors: number }[]>(
      `SELECT status, kept_from IS NOT NULL AS kept, count(*)::int AS items, count(error)::int AS errors FROM engine.step_item WHERE run_id = $1 AND step = $2 GROUP BY 1, 2`,
      of,
    ),
    await manager.query<{ name: string; sum: number }[]>(
      `SELECT c.key AS name, sum(c.value::numeric)::float8 AS sum FROM engine.step_item i, jsonb_each_text(i.counts) c
       WHERE i.run_id = $1 AND i.step = $2 AND i.status = 'done' AND i.kept_from IS NULL GROUP BY 1 ORDER BY 1`,
      of,
    ),
    await manager.query<{ key: string; message: string }[]>(
      `SELECT key, error->>'message' AS message FROM engine.step_item WHERE run_id = $1 AND step = $2 AND error IS NOT NULL AND status <> 'waiting' ORDER BY key LIMIT ${ERRORS_TOLD}`,
      of,
    ),
  ];
  const count = (status: ItemStatus, kept = false): number => rows.filter((row) => row.status === status && row.kept === kept).reduce((sum, row) => sum + row.items, 0);
  const wrong = rows.filter((row) => row.status !== 'waiting').reduce((sum, row) => sum + row.errors, 0);
  return {
    ...{ done: count('done'), failed: count('failed'), skipped: count('skipped'), waiting: count('waiting'), kept: count('done', true) },
    counts: Object.fromEntries(sums.map(({ name, sum }) => [name, sum])),
    errors: [...errors.map(({ key, message }) => `${key}: ${message}`), ...(wrong > ERRORS_TOLD ? [`… and ${wrong - ERRORS_TOLD} more items`] : [])],
  };
}

const FROM_JSON = 'jsonb_to_recordset($3) AS i (key text, status text, attempts int, revision int, due_at timestamptz, counts jsonb, output jsonb, error jsonb, reason text)';
const SET_FROM = ['status', 'attempts', 'revision', 'due_at', 'counts', 'output', 'error', 'reason'].map((name) => `${name} = i.${name}`).join(', ');

function asJson(items: readonly Decided[]): string {
  return storableJson(items.map(({ key, status, attempts, revision, dueAt, counts, output, error, reason }) => ({ key, status, attempts, revision, due_at: dueAt, counts: Object.keys(counts).length > 0 ? counts : null, output, error, reason })));
}

function decided(retry: RetryPolicy, { key, attempts, revision }: ItemTry, outcome: StepOutcome, now: Date, random: number): Decided {
  const record = afterItem(retry, attempts + 1, outcome, now, random);
  return { ...record, key, attempts: outcome.kind === 'snooze' ? attempts : attempts + 1, revision: revision + 1 };
}

function bounded(step: string, key: string, outcome: StepOutcome): StepOutcome {
  if (outcome.kind !== 'done' || outcome.output === undefined) return outcome;
  try {
    boundedOutput(`item "${key}" of step "${step}"`, outcome.output);
    return outcome;
  } catch (error) {
    return { kind: 'fail', error: recordError(error) };
  }
}

/** Runs a last write within the batch's transaction; undefined when it went well, and nothing of it is left when it did not. */
async function failureOf(manager: EntityManager, write: NonNullable<Extract<StepOutcome, { kind: 'done' }>['write']>): Promise<unknown> {
  try {
    await manager.transaction((nested) => write(asTransaction(nested)));
    return undefined;
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return error ?? new Error('the write failed and said nothing');
  }
}

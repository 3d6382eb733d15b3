/**
 * Steps whose owner is a program of its own. It has no heartbeat row, so each of its steps has a lease; the fence number guards every word that it says
 * afterwards, and the owner in the subject what it may speak about.
 */
import { createHash } from 'node:crypto';
import type { PipelineLimits, StepRate } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { claimsOf, SETTLE_GRACE_MS } from './claims.js';
import type { ClaimedStep, ClaimRow } from './claims.js';
import { CLAIM_BEST, CLAIMED } from './claims.sql.js';
import { claimLimited } from './limits.js';
import { askIn } from './statements.js';
import { inTransaction } from './transaction.js';

/** One place to look for work: pipelines without limits together, or one that has some. */
export type WorkPlace = { kind: 'plain'; pipelines: readonly string[]; steps: readonly string[] } | { kind: 'limited'; pipeline: string; limits: PipelineLimits; steps: readonly { name: string; rate?: StepRate }[] };

export interface ExternalClaim {
  owner: string;
  /** Who asks, for people. */
  worker: string;
  leaseMs: number;
  place: WorkPlace;
}

/** One attempt as its worker names it. */
export interface ExternalHold {
  owner: string;
  runId: string;
  stepId: string;
  fence: string;
}

/** Claims the best of what is due for the owner in one place; undefined when there is nothing, or a limit holds it back. */
export async function claimExternal(dataSource: DataSource, { owner, worker, leaseMs, place }: ExternalClaim): Promise<ClaimedStep | undefined> {
  const id = idOf(owner, worker);
  return inTransaction(dataSource, async (manager) => {
    const [claim] =
      place.kind === 'limited'
        ? (await claimLimited(manager, { worker: id, owner, pipeline: place.pipeline, limits: place.limits, steps: place.steps, room: 1 })).claims
        : await claimsOf(manager, await askIn(manager)<ClaimRow>(CLAIM_BEST, [owner, place.pipelines, place.steps, 1, id, SETTLE_GRACE_MS]));
    if (claim) await lease(manager, claim, leaseMs);
    return claim;
  });
}

/** Renews the lease and shows progress; undefined when the step is not this worker's any more. */
export async function beatExternal(dataSource: DataSource, hold: ExternalHold, leaseMs: number, progress?: { done: number; total: number }): Promise<{ cancelRequested: boolean; late: boolean } | undefined> {
  const [[beaten]] = await dataSource.manager.query<[{ cancelRequested: boolean; late: boolean }[], number]>(
    `UPDATE engine.active_run a SET lease_until = engine.clock() + $5::float8 * interval '1 millisecond', progress_done = coalesce($6::int, progress_done), progress_total = coalesce($7::int, progress_total)
     WHERE ${HELD} RETURNING cancel_requested_at IS NOT NULL AS "cancelRequested", engine.clock() > deadline_at - $8::float8 * interval '1 millisecond' AS late`,
    [...placeOf(hold), leaseMs, progress?.done ?? null, progress?.total ?? null, SETTLE_GRACE_MS],
  );
  return beaten;
}

/** The attempt as it is claimed now, to be settled; or that it was settled before, by these very words; or undefined when it is not this worker's any more. */
export async function externalAttempt(dataSource: DataSource, hold: ExternalHold): Promise<{ claim: ClaimedStep; elapsedMs: number } | 'settled' | undefined> {
  const rows = await dataSource.manager.query<(ClaimRow & { now: Date })[]>(`WITH claimed AS (SELECT a.* FROM engine.active_run a WHERE ${HELD}) SELECT c.*, engine.clock() AS now FROM (${CLAIMED}) c`, placeOf(hold));
  const [claim] = await claimsOf(dataSource, rows);
  if (claim && rows[0]) return { claim, elapsedMs: rows[0].now.getTime() - claim.claimedAt.getTime() };
  const settled = await dataSource.manager.query<unknown[]>(`SELECT FROM engine.step WHERE owner = $1 AND run_id = $2 AND id = $3 AND fence = $4 AND status <> 'lost' AND reason IS DISTINCT FROM 'its worker fell silent'`, placeOf(hold));
  return settled.length > 0 ? 'settled' : undefined;
}

/** Gives back a step whose answer nobody was there to hear any more. */
export async function releaseExternal(dataSource: DataSource, hold: ExternalHold): Promise<void> {
  await dataSource.manager.query(`UPDATE engine.active_run a SET status = 'due', claimed_by = NULL, claimed_at = NULL, deadline_at = NULL, lease_until = NULL, fence = fence + 1 WHERE ${HELD}`, placeOf(hold));
}

async function lease(manager: EntityManager, { id, fence, run }: ClaimedStep, leaseMs: number): Promise<void> {
  await manager.query(`UPDATE engine.active_run SET lease_until = engine.clock() + $4::float8 * interval '1 millisecond' WHERE run_id = $1 AND step_id = $2 AND fence = $3`, [run.id, id, fence, leaseMs]);
}

const HELD = `a.owner = $1 AND a.run_id = $2 AND a.step_id = $3 AND a.fence = $4 AND a.status = 'running' AND a.lease_until IS NOT NULL`;
const placeOf = ({ owner, runId, stepId, fence }: ExternalHold): unknown[] => [owner, runId, stepId, fence];

/** The ledger knows workers by ids. */
function idOf(owner: string, worker: string): string {
  const digest = createHash('sha256').update(`${owner} ${worker}`).digest('hex');
  return [digest.slice(0, 8), digest.slice(8, 12), digest.slice(12, 16), digest.slice(16, 20), digest.slice(20, 32)].join('-');
}

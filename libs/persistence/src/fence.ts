/** The check that stands before every commit of a step that is not its settlement: is the step still ours? */
import type { EntityManager } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { staleLease } from './settlements.js';

/**
 * Makes sure that the attempt is ours until the transaction ends: whoever would take it over has to wait for the commit, and whoever did is found here.
 * Called last, so that the run's row is held for as short as can be.
 * @throws StaleLease
 */
export async function holdFence(manager: EntityManager, claim: ClaimedStep): Promise<void> {
  const held = await manager.query<unknown[]>(`SELECT FROM engine.active_run WHERE run_id = $1 AND step_id = $2 AND fence = $3 AND status = 'running' FOR SHARE`, [claim.run.id, claim.id, claim.fence]);
  if (held.length === 0) throw staleLease(claim);
}

/** Voting cycles: what the agenda is made from, opening one, and closing it. */
import type { JsonObject } from '@carillon/engine';
import type { EntityManager } from 'typeorm';
import type { AgendaCandidate } from '../rules/agenda.js';
import type { BallotItem } from '../rules/tally.js';
import type { Localized } from '../entities-groups.js';

export interface AgendaRow extends AgendaCandidate {
  title: Localized;
}

/** Every open cluster that no ballot holds, with the distinct people behind it: those who submitted a member and those who endorsed it. */
export async function agendaCandidates(manager: EntityManager): Promise<AgendaRow[]> {
  return manager.query<AgendaRow[]>(
    `WITH supporter AS (
       SELECT m.cluster_id, s.account_id FROM deliberation.cluster_member m
       JOIN deliberation.candidate k ON k.id = m.candidate_id JOIN deliberation.submission s ON s.id = k.submission_id
       UNION SELECT cluster_id, account_id FROM deliberation.endorsement
     ), support AS (SELECT cluster_id, count(*)::int AS people FROM supporter GROUP BY cluster_id),
     live AS (SELECT cluster_id, count(*)::int AS options FROM deliberation.policy_option WHERE superseded_at IS NULL GROUP BY cluster_id)
     SELECT c.id AS "clusterId", c.title, c.member_count AS size, coalesce(p.people, 0) AS supporters, c.question IS NOT NULL AS "hasQuestion",
       c.needs_resummarize AS "awaitingSummary", coalesce(l.options, 0) AS options
     FROM deliberation.cluster c LEFT JOIN support p ON p.cluster_id = c.id LEFT JOIN live l ON l.cluster_id = c.id
     WHERE c.status = 'open' AND NOT EXISTS (
       SELECT FROM deliberation.ballot_item b JOIN deliberation.voting_cycle v ON v.id = b.cycle_id WHERE b.cluster_id = c.id AND v.status = 'active')
     ORDER BY c.id`,
  );
}

/** Whether a cycle is active, and when the latest one ended. */
export async function cycleState(manager: EntityManager): Promise<{ active: boolean; lastEndedAt: Date | null }> {
  const [state] = await manager.query<{ active: boolean; lastEndedAt: Date | null }[]>(
    `SELECT coalesce(bool_or(status = 'active'), false) AS active, max(ends_at) FILTER (WHERE status = 'tallied') AS "lastEndedAt" FROM deliberation.voting_cycle`,
  );
  return state ?? { active: false, lastEndedAt: null };
}

export interface NewCycle {
  id: string;
  startedAt: Date;
  endsAt: Date;
  runId: string;
  /** In the order of the ballot. */
  clusterIds: readonly string[];
}

/** Opens a cycle with the options that its clusters have now. @returns false when another cycle is active */
export async function openCycle(manager: EntityManager, cycle: NewCycle): Promise<boolean> {
  const opened = await manager.query<unknown[]>(
    `INSERT INTO deliberation.voting_cycle (id, started_at, ends_at, status, opened_run_id) VALUES ($1, $2, $3, 'active', $4) ON CONFLICT DO NOTHING RETURNING id`,
    [cycle.id, cycle.startedAt, cycle.endsAt, cycle.runId],
  );
  if (opened.length === 0) return false;
  await manager.query(`INSERT INTO deliberation.ballot_item (cycle_id, cluster_id, position) SELECT $1, id, position FROM unnest($2::uuid[]) WITH ORDINALITY AS b(id, position)`, [cycle.id, cycle.clusterIds]);
  await manager.query(
    `INSERT INTO deliberation.ballot_option (cycle_id, cluster_id, option_id, position)
     SELECT $1, cluster_id, id, position FROM deliberation.policy_option WHERE cluster_id = ANY($2) AND superseded_at IS NULL`,
    [cycle.id, cycle.clusterIds],
  );
  return true;
}

export interface ExpiredCycle {
  id: string;
  endsAt: Date;
}

export async function expiredCycles(manager: EntityManager, now: Date): Promise<ExpiredCycle[]> {
  return manager.query<ExpiredCycle[]>(`SELECT id, ends_at AS "endsAt" FROM deliberation.voting_cycle WHERE status = 'active' AND ends_at <= $1 ORDER BY ends_at, id`, [now]);
}

/** A cycle's items and options in ballot order. */
export async function ballotOf(manager: EntityManager, cycleId: string): Promise<BallotItem[]> {
  return manager.query<BallotItem[]>(
    `SELECT i.cluster_id AS "clusterId", coalesce(json_agg(json_build_object('id', o.option_id, 'position', o.position) ORDER BY o.position) FILTER (WHERE o.option_id IS NOT NULL), '[]') AS options
     FROM deliberation.ballot_item i LEFT JOIN deliberation.ballot_option o ON o.cycle_id = i.cycle_id AND o.cluster_id = i.cluster_id
     WHERE i.cycle_id = $1 GROUP BY i.cluster_id, i.position ORDER BY i.position`,
    [cycleId],
  );
}

/** Ends a cycle with its results, and archives what it held with all members. @returns false when it was tallied already */
export async function closeCycle(manager: EntityManager, close: { cycleId: string; runId: string; results: JsonObject; voters: number; now: Date }): Promise<boolean> {
  const { cycleId, runId, results, voters, now } = close;
  const [, closed] = await manager.query<[unknown[], number]>(
    `UPDATE deliberation.voting_cycle SET status = 'tallied', results = $2, total_voters = $3, tallied_run_id = $4 WHERE id = $1 AND status = 'active'`,
    [cycleId, JSON.stringify(results), voters, runId],
  );
  if (closed === 0) return false;
  await manager.query(
    `UPDATE deliberation.candidate SET archived_at = $2 WHERE archived_at IS NULL AND id IN (
       SELECT m.candidate_id FROM deliberation.ballot_item b JOIN deliberation.cluster_member m ON m.cluster_id = b.cluster_id WHERE b.cycle_id = $1)`,
    [cycleId, now],
  );
  await manager.query(
    `UPDATE deliberation.cluster SET status = 'archived', archived_at = $2, updated_run_id = $3
     WHERE status = 'open' AND id IN (SELECT cluster_id FROM deliberation.ballot_item WHERE cycle_id = $1)`,
    [cycleId, now, runId],
  );
  return true;
}

/** Votes: casting one, and everything that the tally reads. */
import { databaseNow, inTransaction, newId } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { VoteRefusal } from '../rules/ballot.js';
import { refuseVote } from '../rules/ballot.js';
import type { CastVote, Selection } from '../rules/tally.js';
import { ballotOf } from './cycles.js';

export interface VoteRules {
  /** A person must have been linked this long. */
  minAccountAgeHours: number;
  /** A person must have contributed something. */
  requireContribution: boolean;
  /** Votes per person and cycle, the first included. */
  maxVotes: number;
}

export type CastResult = { kind: 'recorded'; voteId: string } | { kind: 'refused'; reason: VoteRefusal };

export interface NewVote {
  accountId: string;
  cycleId: string;
  selections: readonly Selection[];
  /** The sender's own name of this request: repeated, it is the vote that it was. */
  requestKey?: string;
}

/** Records a vote or the revision of one, or says why it does not count. */
export async function castVote(dataSource: DataSource, vote: NewVote, rules: VoteRules): Promise<CastResult> {
  return inTransaction(dataSource, async (manager) => {
    // The person's row is locked so that two votes at once can not pass the limit; the cycle's, so that a tally waits for votes that are on their way.
    await manager.query('SELECT FROM deliberation.account WHERE id = $1 FOR UPDATE', [vote.accountId]);
    if (vote.requestKey !== undefined) {
      const [before] = await manager.query<{ id: string }[]>('SELECT id FROM deliberation.vote WHERE account_id = $1 AND cycle_id = $2 AND request_key = $3', [vote.accountId, vote.cycleId, keyOf(vote)]);
      if (before) return { kind: 'recorded', voteId: before.id };
    }
    const [cycle] = await manager.query<{ status: 'active' | 'tallied'; endsAt: Date }[]>(
      `SELECT status, ends_at AS "endsAt" FROM deliberation.voting_cycle WHERE id = $1 FOR SHARE`,
      [vote.cycleId],
    );
    if (!cycle) return { kind: 'refused', reason: 'no_such_cycle' };
    const now = await databaseNow(manager);
    const [cast] = await manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM deliberation.vote WHERE cycle_id = $1 AND account_id = $2', [vote.cycleId, vote.accountId]);
    const eligible = await eligibleVoters(manager, now, rules, vote.accountId);
    const state = { now, cycle, ballot: await ballotOf(manager, vote.cycleId), eligible: eligible.size > 0, votesCast: cast?.count ?? 0, maxVotes: rules.maxVotes };
    const reason = refuseVote(vote.selections, state);
    if (reason) return { kind: 'refused', reason };
    return { kind: 'recorded', voteId: await insertVote(manager, vote) };
  });
}

/** One person's key says nothing about another's. */
const keyOf = ({ accountId, requestKey }: NewVote): string | null => (requestKey === undefined ? null : `${accountId} ${requestKey}`);

async function insertVote(manager: EntityManager, vote: NewVote): Promise<string> {
  const { accountId, cycleId, selections } = vote;
  const id = newId();
  const plain = selections.map(({ cluster_id, option_id }) => ({ cluster_id, option_id }));
  await manager.query('INSERT INTO deliberation.vote (id, account_id, cycle_id, selections, request_key) VALUES ($1, $2, $3, $4, $5)', [id, accountId, cycleId, JSON.stringify(plain), keyOf(vote)]);
  await appendEvidence(manager, { eventType: 'vote_cast', entityType: 'vote', entityId: id, payload: { cycle_id: cycleId, selections: plain }, private: { user_id: accountId } });
  return id;
}

/** Account ids that may vote at an instant; with `only`, whether that one is among them. */
export async function eligibleVoters(manager: EntityManager, at: Date, rules: Omit<VoteRules, 'maxVotes'>, only?: string): Promise<Set<string>> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT id FROM deliberation.account
     WHERE email_verified AND messaging_verified AND linked_at <= $1::timestamptz - $2 * interval '1 hour' AND (NOT $3::boolean OR contribution_count > 0)
       AND ($4::uuid IS NULL OR id = $4)`,
    [at, rules.minAccountAgeHours, rules.requireContribution, only ?? null],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Every person's last vote of a cycle whose time is up. Waits for votes that were admitted in time and are still being written; none can come after.
 */
export async function finalVotes(manager: EntityManager, cycleId: string): Promise<CastVote[]> {
  await manager.query('SELECT FROM deliberation.voting_cycle WHERE id = $1 FOR UPDATE', [cycleId]);
  return manager.query<CastVote[]>(
    `SELECT DISTINCT ON (account_id) id, account_id AS "accountId", selections, created_at AS "createdAt"
     FROM deliberation.vote WHERE cycle_id = $1 ORDER BY account_id, created_at DESC, id DESC`,
    [cycleId],
  );
}

/** A person's own last vote of a cycle, and how many it has cast. Only ever shown to that person. */
export async function ownVote(manager: EntityManager, cycleId: string, accountId: string): Promise<{ selections: Selection[]; cast: number } | undefined> {
  const [row] = await manager.query<{ selections: Selection[]; cast: number }[]>(
    `SELECT selections, (count(*) OVER ())::int AS cast FROM deliberation.vote WHERE cycle_id = $1 AND account_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1`,
    [cycleId, accountId],
  );
  return row;
}

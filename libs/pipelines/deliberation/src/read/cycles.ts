/** Ballots as people read them. While one is open nobody learns how it stands: counts would push those who have not voted yet. */
import type { DataSource } from 'typeorm';
import type { Localized } from '../entities-groups.js';
import type { CycleResults } from '../rules/tally.js';

export interface BallotListing {
  clusterId: string;
  position: number;
  title: Localized;
  question: Localized;
  options: { id: string; position: number; label: Localized; description: Localized }[];
}

export interface CycleListing {
  id: string;
  status: 'active' | 'tallied';
  startedAt: Date;
  endsAt: Date;
  /** People, once it is tallied. */
  totalVoters: number;
  /** Null while it is active. */
  results: CycleResults | null;
  items: BallotListing[];
}

/** The ballot that is open now, if one is. */
export async function currentCycle(dataSource: DataSource): Promise<CycleListing | undefined> {
  const [cycle] = await readCycles(dataSource, 'active', 1);
  return cycle;
}

/** Ended ballots with their results, the latest first. */
export async function pastCycles(dataSource: DataSource, limit = 20): Promise<CycleListing[]> {
  return readCycles(dataSource, 'tallied', limit);
}

async function readCycles(dataSource: DataSource, status: 'active' | 'tallied', limit: number): Promise<CycleListing[]> {
  return dataSource.manager.query<CycleListing[]>(
    `SELECT v.id, v.status, v.started_at AS "startedAt", v.ends_at AS "endsAt", v.total_voters AS "totalVoters", v.results,
       coalesce((SELECT json_agg(json_build_object('clusterId', i.cluster_id, 'position', i.position, 'title', c.title, 'question', c.question, 'options',
           coalesce((SELECT json_agg(json_build_object('id', o.id, 'position', b.position, 'label', o.label, 'description', o.description) ORDER BY b.position)
                     FROM deliberation.ballot_option b JOIN deliberation.policy_option o ON o.id = b.option_id WHERE b.cycle_id = v.id AND b.cluster_id = i.cluster_id), '[]'))
           ORDER BY i.position)
         FROM deliberation.ballot_item i JOIN deliberation.cluster c ON c.id = i.cluster_id WHERE i.cycle_id = v.id), '[]') AS items
     FROM deliberation.voting_cycle v WHERE v.status = $1 ORDER BY v.ends_at DESC, v.id LIMIT $2`,
    [status, limit],
  );
}

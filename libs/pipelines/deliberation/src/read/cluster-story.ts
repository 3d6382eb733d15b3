/** One cluster's whole life: who came and went in which run, what it was called and asked, which options and ballots it had, and with whom it came together or parted, and why. */
import type { JsonObject } from '@carillon/engine';
import { inOneSnapshot } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { Localized } from '../entities-groups.js';
import type { LeftBecause } from '../store/membership.js';
import type { ItemResult } from '../rules/tally.js';
import type { ClusterListing } from './list-clusters.js';
import { listClusters } from './list-clusters.js';

export interface Passage {
  candidateId: string;
  title: string;
  /** Of who left. */
  because?: LeftBecause;
}

export interface ClusterRun {
  /** Null for what people did between runs. */
  runId: string | null;
  at: Date;
  size: number;
  joined: Passage[];
  left: Passage[];
}

export interface ClusterEvent {
  at: Date;
  /** An evidence event, by its name in the chain; its place there once it is sealed. */
  event: string;
  seq: number | null;
  /** In words. */
  says: string;
  payload: JsonObject;
}

export interface ClusterStory {
  cluster: ClusterListing;
  runs: ClusterRun[];
  events: ClusterEvent[];
  options: { generation: number; at: Date; supersededAt: Date | null; provider: string; labels: Localized[] }[];
  ballots: { cycleId: string; position: number; startedAt: Date; endsAt: Date; status: 'active' | 'tallied'; result: ItemResult | null }[];
  endorsements: number;
}

/** Undefined when there is no such cluster. */
export async function clusterStory(dataSource: DataSource, id: string): Promise<ClusterStory | undefined> {
  return inOneSnapshot(dataSource, async (manager) => {
    const [cluster] = await listClusters({ manager }, { id });
    if (!cluster) return undefined;
    const [endorsed] = await manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM deliberation.endorsement WHERE cluster_id = $1', [id]);
    return { cluster, runs: await runsOf(manager, id), events: await eventsOf(manager, id), options: await optionsOf(manager, id), ballots: await ballotsOf(manager, id), endorsements: endorsed?.count ?? 0 };
  });
}

async function runsOf(manager: EntityManager, id: string): Promise<ClusterRun[]> {
  const rows = await manager.query<{ runId: string | null; at: Date; candidateId: string; title: string; joined: boolean; because: LeftBecause | null }[]>(
    `SELECT t.run_id AS "runId", t.at, m.candidate_id AS "candidateId", CASE WHEN s.status = 'withdrawn' THEN '(withdrawn)' ELSE k.title END AS title, t.joined, CASE WHEN NOT t.joined THEN m.left_because END AS because
     FROM deliberation.cluster_membership m JOIN deliberation.candidate k ON k.id = m.candidate_id JOIN deliberation.submission s ON s.id = k.submission_id
     CROSS JOIN LATERAL (VALUES (m.joined_run_id, m.joined_at, true), (m.left_run_id, m.left_at, false)) AS t (run_id, at, joined)
     WHERE m.cluster_id = $1 AND t.at IS NOT NULL ORDER BY t.at, t.joined, m.id`,
    [id],
  );
  const runs: ClusterRun[] = [];
  for (const { runId, at, candidateId, title, joined, because } of rows) {
    let run = runs.at(-1);
    if (!run || run.runId !== runId || run.at.getTime() !== at.getTime()) runs.push((run = { runId, at, size: run?.size ?? 0, joined: [], left: [] }));
    run[joined ? 'joined' : 'left'].push({ candidateId, title, ...(because && { because }) });
    run.size += joined ? 1 : -1;
  }
  return runs;
}

/** Everything that the chain says of this cluster. Endorsements and votes are people's, and only counted. */
async function eventsOf(manager: EntityManager, id: string): Promise<ClusterEvent[]> {
  const rows = await manager.query<{ at: Date; event: string; seq: string | null; entityId: string; payload: JsonObject }[]>(
    `SELECT recorded_at AS at, event_type AS event, seq, entity_id AS "entityId", payload FROM deliberation.evidence
     WHERE ((entity_type = 'cluster' AND entity_id = $1 AND event_type NOT IN ('policy_endorsed', 'endorsement_withdrawn'))
       OR (event_type IN ('cluster_merged', 'cluster_split') AND payload->>'into' = $1)
       OR (event_type = 'cycle_opened' AND payload->'cluster_ids' ? $1))
     ORDER BY recorded_at, seq NULLS LAST, id`,
    [id],
  );
  const others = rows.flatMap(({ entityId, payload }) => [entityId, String(payload['into'] ?? '')]).filter((other) => /^[0-9a-f-]{36}$/.test(other));
  const titles = new Map((await manager.query<{ id: string; title: Localized }[]>('SELECT id, title FROM deliberation.cluster WHERE id = ANY($1)', [others])).map((row) => [row.id, row.title.en]));
  return rows.map(({ entityId, seq, ...row }) => ({ ...row, seq: seq === null ? null : Number(seq), says: inWords(id, entityId, row.event, row.payload, (other) => titles.get(other) ?? other) }));
}

function inWords(id: string, entityId: string, event: string, payload: JsonObject, titleOf: (id: string) => string): string {
  const value = (name: string): string => String(payload[name] ?? '');
  const share = (name: string): string => `${Math.round(Number(payload[name] ?? 0) * 100)} %`;
  switch (event) {
    case 'cluster_created':
      return `began with ${value('member_count')} concerns that no earlier group explains`;
    case 'cluster_updated':
      return `${value('joined')} joined and ${value('left')} left: from ${value('old_count')} to ${value('new_count')}`;
    case 'cluster_split':
      return entityId === id ? `“${titleOf(value('into'))}” broke away: ${share('share')} of its concerns that were known before were here` : `broke away from “${titleOf(entityId)}”, where ${share('share')} of its known concerns were`;
    case 'cluster_merged':
      return entityId === id
        ? `went into “${titleOf(value('into'))}”, which took ${share('share')} of its ${value('member_count')} concerns; endorsements moved along`
        : `took in “${titleOf(entityId)}”: ${share('share')} of its ${value('member_count')} concerns are in this group's neighbourhood now; its endorsements came along`;
    case 'cluster_dormant':
      return `fell asleep: of its ${value('member_count')} concerns ${value('alone')} were in no group and ${value('elsewhere')} in others, at most ${share('largest_share')} of them together; its endorsements wait with it`;
    case 'cluster_woken':
      return `woke: a group of ${value('member_count')} concerns is ${share('jaccard')} the same, of what was known when it fell asleep; its endorsements count again`;
    case 'cluster_archived':
      return `ended: ${value('reason')}`;
    case 'ballot_question_generated':
      return `was summarised, and its question was written (${value('provider') || 'local'})`;
    case 'policy_options_generated':
      return `got its options (${value('provider') || 'local'})`;
    case 'cycle_opened':
      return `went on a ballot, until ${value('ends_at')}`;
    case 'dispute_resolved':
      return `a dispute was ${value('status')}: ${value('kind')}`;
    default:
      return event;
  }
}

async function optionsOf(manager: EntityManager, id: string): Promise<ClusterStory['options']> {
  return manager.query<ClusterStory['options']>(
    `SELECT generation, min(created_at) AS at, max(superseded_at) AS "supersededAt", min(provider) AS provider, json_agg(label ORDER BY position) AS labels
     FROM deliberation.policy_option WHERE cluster_id = $1 GROUP BY generation ORDER BY generation`,
    [id],
  );
}

async function ballotsOf(manager: EntityManager, id: string): Promise<ClusterStory['ballots']> {
  return manager.query<ClusterStory['ballots']>(
    `SELECT v.id AS "cycleId", b.position, v.started_at AS "startedAt", v.ends_at AS "endsAt", v.status,
       (SELECT item FROM jsonb_array_elements(v.results->'items') AS item WHERE item->>'cluster_id' = b.cluster_id::text LIMIT 1) AS result
     FROM deliberation.ballot_item b JOIN deliberation.voting_cycle v ON v.id = b.cycle_id WHERE b.cluster_id = $1 ORDER BY v.started_at`,
    [id],
  );
}

/** What was decided about telling matches, and the notices that tell them. A decision and its notice are one transaction; so are a digest and the marks on what it told. */
import type { JsonObject } from '@carillon/engine';
import { queueNotice } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { ProfileConfig } from '../config/config.js';
import type { Source } from '../entities.js';
import type { AlertDecision } from '../rules/alerting.js';
import { isTold } from '../rules/alerting.js';
import { sameJob } from '../rules/similarity.js';

export interface NewAlert {
  jobKey: string;
  contentHash: string;
  profile: ProfileConfig;
  decision: AlertDecision;
  likeness: string;
  /** Of the posting, to compare it with those of other boards. */
  description: string;
  content: JsonObject;
}

/** Records what is new and files its notices; what was decided for this version before stays, unless it was not told then and is to be now. @returns those that are told */
export async function writeAlerts(manager: EntityManager, source: Source, alerts: readonly NewAlert[], { runId, at, onceAcrossBoards }: { runId: string; at: Date; onceAcrossBoards: boolean }): Promise<NewAlert[]> {
  if (alerts.length === 0) return [];
  const elsewhere = onceAcrossBoards ? await toldElsewhere(manager, source, alerts.filter(({ decision }) => isTold(decision))) : new Set<NewAlert>();
  const decided = alerts.map((alert) => (elsewhere.has(alert) ? { ...alert, decision: 'elsewhere' as const } : alert));
  const rows = decided.map(({ jobKey, contentHash, profile, decision, likeness, content }) => ({
    ...{ job_key: jobKey, content_hash: contentHash, profile: profile.name, decision, likeness, content: decision === 'run' || decision === 'day' ? content : null },
  }));
  const written = await manager.query<{ key: string; hash: string; profile: string }[]>(
    `INSERT INTO job_scan.alert AS a (job_key, content_hash, profile, run_id, decision, likeness, at, content, told_at)
     SELECT job_key, content_hash, profile, $2, decision, likeness, $3, content, CASE WHEN decision = 'posting' THEN $3::timestamptz END
     FROM json_to_recordset($1::json) AS n (job_key text, content_hash text, profile text, decision text, likeness text, content jsonb)
     ON CONFLICT (job_key, content_hash, profile) DO UPDATE SET run_id = excluded.run_id, decision = excluded.decision, at = excluded.at, content = excluded.content, told_at = excluded.told_at
       WHERE a.decision IN ('below', 'nobody', 'muted') AND excluded.decision IN ('posting', 'run', 'day')
     RETURNING job_key AS key, content_hash AS hash, profile`,
    [JSON.stringify(rows), runId, at],
  );
  const fresh = new Set(written.map(({ key, hash, profile }) => `${key} ${hash} ${profile}`));
  const told = decided.filter((alert) => isTold(alert.decision) && fresh.has(`${alert.jobKey} ${alert.contentHash} ${alert.profile.name}`));
  for (const alert of told) {
    if (alert.decision === 'posting') await fileNotices(manager, alert.profile, { messageType: 'job_match', content: alert.content, key: `${alert.jobKey}:${alert.contentHash}:${alert.profile.name}`, runId });
  }
  return told;
}

/** One notice for each recipient on each channel. The same key is filed once, whatever is repeated. */
export async function fileNotices(manager: EntityManager, { recipients, channels }: Pick<ProfileConfig, 'recipients' | 'channels'>, notice: { messageType: string; content: JsonObject; key: string; runId: string }): Promise<number> {
  let filed = 0;
  for (const channel of channels) {
    for (const recipient of recipients) {
      const { created } = await queueNotice(manager, { channel, recipient, messageType: notice.messageType, content: notice.content, dedupeKey: `job-scan:${notice.key}:${channel}:${recipient}`, runId: notice.runId });
      if (created) filed += 1;
    }
  }
  return filed;
}

/**
 * Those whose job an open posting of another board was told for. Boards are written side by side, so whoever may have the same job waits for the other here; the locks are
 * taken in one order and end with the transaction.
 */
async function toldElsewhere(manager: EntityManager, source: Source, alerts: readonly NewAlert[]): Promise<Set<NewAlert>> {
  const likenesses = [...new Set(alerts.map(({ likeness }) => likeness))].sort();
  if (likenesses.length === 0) return new Set();
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('job-scan ' || l, 0)) FROM unnest($1::text[]) WITH ORDINALITY AS u (l, n) ORDER BY n`, [likenesses]);
  const others = await manager.query<{ likeness: string; profile: string; description: string }[]>(
    `SELECT DISTINCT a.likeness, a.profile, p.description FROM job_scan.alert a JOIN job_scan.posting p ON p.job_key = a.job_key
     WHERE a.likeness = ANY($1) AND a.decision IN ('posting', 'run', 'day') AND p.closed_at IS NULL AND (p.source_type, p.source_identifier) <> ($2, $3)`,
    [likenesses, source.type, source.identifier],
  );
  return new Set(alerts.filter((alert) => others.some((other) => other.likeness === alert.likeness && other.profile === alert.profile.name && sameJob(other, alert))));
}

export interface WaitingAlert {
  jobKey: string;
  contentHash: string;
  content: JsonObject;
}

/** What waits for its digest: the best first. */
export async function waitingAlerts(manager: EntityManager, profile: string, delivery: 'run' | 'day'): Promise<WaitingAlert[]> {
  return manager.query(
    `SELECT job_key AS "jobKey", content_hash AS "contentHash", content FROM job_scan.alert WHERE profile = $1 AND decision = $2 AND told_at IS NULL
     ORDER BY (content->>'score')::int DESC, content->>'title', job_key, content_hash FOR UPDATE`,
    [profile, delivery],
  );
}

export async function markTold(manager: EntityManager, profile: string, alerts: readonly WaitingAlert[], at: Date): Promise<void> {
  await manager.query('UPDATE job_scan.alert SET told_at = $4, content = NULL WHERE profile = $1 AND (job_key, content_hash) IN (SELECT * FROM unnest($2::text[], $3::text[]))', [
    profile, alerts.map(({ jobKey }) => jobKey), alerts.map(({ contentHash }) => contentHash), at,
  ]);
}

/** @returns false when this day had its digest */
export async function beginDigest(manager: EntityManager, profile: string, day: string, at: Date): Promise<boolean> {
  const rows = await manager.query<unknown[]>('INSERT INTO job_scan.digest (profile, day, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING profile', [profile, day, at]);
  return rows.length > 0;
}

/**
 * Who is owed which word of the bot: that a ballot opened, that it soon ends and their vote is missing, that it was counted, that their concern joined others, that one which they endorsed woke.
 * Owed means that no notice with its key was filed, so each is told once, whoever counts and however often.
 */
import type { EntityManager } from 'typeorm';
import type { Localized } from '../entities-groups.js';
import type { Locale } from '../entities-intake.js';
import type { DeliberationSettings } from '../settings.js';

export type PushKind = 'ballot_opened' | 'ballot_reminder' | 'ballot_results' | 'concern_joined' | 'concern_woken';

export interface OwedPush {
  kind: PushKind;
  accountId: string;
  locale: Locale;
  key: string;
  /** The cycle, or the cluster that was joined or woke. */
  subject: string;
  endsAt: Date | null;
  /** Policies of the ballot, or concerns of the cluster. */
  size: number;
  /** The person's own concerns on the ballot, or what the cluster is called. */
  titles: Localized[];
}

/** After so long a result, a meeting or a waking is no news. */
const NEWS_HOURS = 24;

/** At most `limit`, in the order of their keys. */
export async function owedPushes(manager: EntityManager, settings: DeliberationSettings, limit: number): Promise<OwedPush[]> {
  return manager.query<OwedPush[]>(`${OWED} SELECT kind, account_id AS "accountId", locale, key, subject, "endsAt", size, titles FROM owed ORDER BY key LIMIT $5`, [...parameters(settings), limit]);
}

/** Whether anybody is owed anything: 1 or 0, for a threshold. */
export async function countOwed(manager: EntityManager, settings: DeliberationSettings): Promise<number> {
  const [row] = await manager.query<{ owed: boolean }[]>(`${OWED} SELECT EXISTS (SELECT FROM owed) AS owed`, parameters(settings));
  return row?.owed === true ? 1 : 0;
}

const parameters = (settings: DeliberationSettings): unknown[] => [settings.ballotReminderHours, settings.minAccountAgeHours, settings.requireContributionForVote, NEWS_HOURS];

/** Those whom the bot can reach; reminded are only those who may vote and have not. A ballot that is shorter than the reminder's lead has just been announced, and needs none. Of a cluster's wakings the last alone is told. */
const OWED = `
  WITH person AS (
    SELECT id, locale, linked_at, contribution_count FROM deliberation.account WHERE chat_ref IS NOT NULL AND messaging_verified AND erased_at IS NULL
  ), ballot AS (
    SELECT v.id, v.status, v.started_at, v.ends_at, (SELECT count(*)::int FROM deliberation.ballot_item b WHERE b.cycle_id = v.id) AS size
    FROM deliberation.voting_cycle v WHERE (v.status = 'active' AND v.ends_at > engine.clock()) OR (v.status = 'tallied' AND v.ends_at > engine.clock() - $4 * interval '1 hour')
  ), told AS (
    SELECT 'ballot_opened' AS kind, p.id AS account_id, p.locale, 'deliberation.ballot_opened.' || b.id || '.' || p.id AS key, b.id::text AS subject, b.ends_at AS "endsAt", b.size,
      coalesce((SELECT jsonb_agg(DISTINCT c.title) FROM deliberation.ballot_item i JOIN deliberation.cluster c ON c.id = i.cluster_id JOIN deliberation.cluster_member m ON m.cluster_id = c.id
        JOIN deliberation.candidate k ON k.id = m.candidate_id JOIN deliberation.submission s ON s.id = k.submission_id AND s.account_id = p.id AND s.status <> 'withdrawn' WHERE i.cycle_id = b.id), '[]') AS titles
    FROM ballot b CROSS JOIN person p WHERE b.status = 'active'
      AND NOT EXISTS (SELECT FROM notices.notice n WHERE n.dedupe_key = 'deliberation.ballot_opened.' || b.id || '.' || p.id)
    UNION ALL
    SELECT 'ballot_reminder', p.id, p.locale, 'deliberation.ballot_reminder.' || b.id || '.' || p.id, b.id::text, b.ends_at, b.size, '[]'
    FROM ballot b CROSS JOIN person p WHERE b.status = 'active' AND $1::float > 0 AND b.ends_at - $1::float * interval '1 hour' <= engine.clock() AND b.ends_at - $1::float * interval '1 hour' > b.started_at
      AND p.linked_at <= engine.clock() - $2::float * interval '1 hour' AND (NOT $3::boolean OR p.contribution_count > 0)
      AND NOT EXISTS (SELECT FROM deliberation.vote t WHERE t.cycle_id = b.id AND t.account_id = p.id)
      AND NOT EXISTS (SELECT FROM notices.notice n WHERE n.dedupe_key = 'deliberation.ballot_reminder.' || b.id || '.' || p.id)
    UNION ALL
    SELECT 'ballot_results', p.id, p.locale, 'deliberation.ballot_results.' || b.id || '.' || p.id, b.id::text, b.ends_at, b.size, '[]'
    FROM ballot b CROSS JOIN person p WHERE b.status = 'tallied' AND p.linked_at < b.ends_at
      AND NOT EXISTS (SELECT FROM notices.notice n WHERE n.dedupe_key = 'deliberation.ballot_results.' || b.id || '.' || p.id)
    UNION ALL
    SELECT DISTINCT 'concern_joined', p.id, p.locale, 'deliberation.concern_joined.' || c.id || '.' || p.id, c.id::text, NULL::timestamptz, c.member_count, jsonb_build_array(c.title)
    FROM deliberation.cluster_membership m JOIN deliberation.cluster c ON c.id = m.cluster_id AND c.status = 'open' AND NOT c.needs_resummarize
      JOIN deliberation.candidate k ON k.id = m.candidate_id JOIN deliberation.submission s ON s.id = k.submission_id JOIN person p ON p.id = s.account_id
    WHERE m.left_at IS NULL AND m.joined_at > engine.clock() - $4 * interval '1 hour' AND NOT s.imported AND c.member_count > 1
      AND NOT EXISTS (SELECT FROM notices.notice n WHERE n.dedupe_key = 'deliberation.concern_joined.' || c.id || '.' || p.id)
    UNION ALL
    SELECT 'concern_woken', p.id, p.locale, 'deliberation.concern_woken.' || w.id || '.' || p.id, c.id::text, NULL::timestamptz, c.member_count, jsonb_build_array(c.title)
    FROM deliberation.cluster c JOIN LATERAL (SELECT g.id, g.at FROM deliberation.cluster_change g WHERE g.cluster_id = c.id AND g.kind = 'wake' ORDER BY g.at DESC LIMIT 1) w ON w.at > engine.clock() - $4 * interval '1 hour'
      JOIN deliberation.endorsement e ON e.cluster_id = c.id AND e.created_at <= w.at JOIN person p ON p.id = e.account_id
    WHERE c.status = 'open' AND NOT EXISTS (SELECT FROM notices.notice n WHERE n.dedupe_key = 'deliberation.concern_woken.' || w.id || '.' || p.id)
  ), owed AS (SELECT * FROM told)`;

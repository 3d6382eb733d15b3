/** Which postings match which profiles. Only matches are rows; see the migration. */
import type { EntityManager } from 'typeorm';
import type { Match, Source } from '../entities.js';

/** Replaces what was known of these postings with these profiles. */
export async function writeMatches(manager: EntityManager, looked: { keys: readonly string[]; profiles: readonly string[] }, matches: readonly Match[]): Promise<void> {
  if (looked.keys.length > 0 && looked.profiles.length > 0) await manager.query('DELETE FROM job_scan.match WHERE job_key = ANY($1) AND profile = ANY($2)', [looked.keys, looked.profiles]);
  if (matches.length === 0) return;
  const rows = matches.map(({ jobKey, profile, profileVersion, contentHash, score, summary, matchedAt }) => ({ job_key: jobKey, profile, profile_version: profileVersion, content_hash: contentHash, score, summary, matched_at: matchedAt }));
  await manager.query(
    `INSERT INTO job_scan.match SELECT * FROM json_to_recordset($1::json) AS m (job_key text, profile text, profile_version text, content_hash text, score int, summary jsonb, matched_at timestamptz)
     ON CONFLICT (job_key, profile) DO UPDATE SET profile_version = excluded.profile_version, content_hash = excluded.content_hash, score = excluded.score, summary = excluded.summary, matched_at = excluded.matched_at`,
    [JSON.stringify(rows)],
  );
}

/** Profiles that the configuration does not have any more match nothing. */
export async function forgetProfiles(manager: EntityManager, { type, identifier }: Source, kept: readonly string[]): Promise<void> {
  await manager.query(
    `DELETE FROM job_scan.match m USING job_scan.posting p WHERE p.job_key = m.job_key AND p.source_type = $1 AND p.source_identifier = $2 AND NOT m.profile = ANY($3)`,
    [type, identifier, kept],
  );
}

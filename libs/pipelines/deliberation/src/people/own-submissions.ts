/** What a person sees of its own submissions: what was understood, where it is, and what became of it. */
import type { DataSource } from 'typeorm';
import type { ClusterStatus, Localized } from '../entities-groups.js';
import type { SubmissionStatus } from '../entities-intake.js';

export interface OwnSubmission {
  id: string;
  text: string;
  status: SubmissionStatus;
  reason: string | null;
  submittedAt: Date;
  concerns: { id: string; title: string; summary: string; stance: string; cluster: { id: string; title: Localized; status: ClusterStatus } | null }[];
}

/** The latest first. */
export async function ownSubmissions(dataSource: DataSource, accountId: string, limit = 100): Promise<OwnSubmission[]> {
  return dataSource.manager.query<OwnSubmission[]>(
    `SELECT s.id, s.raw_text AS text, s.status, s.rejection_reason AS reason, s.submitted_at AS "submittedAt",
       coalesce((SELECT json_agg(json_build_object('id', k.id, 'title', k.title, 'summary', k.summary, 'stance', k.stance, 'cluster',
           (SELECT json_build_object('id', c.id, 'title', c.title, 'status', c.status) FROM deliberation.cluster_member m JOIN deliberation.cluster c ON c.id = m.cluster_id WHERE m.candidate_id = k.id)) ORDER BY k.position)
         FROM deliberation.candidate k WHERE k.submission_id = s.id AND (k.archived_at IS NULL OR EXISTS (SELECT FROM deliberation.cluster_member m WHERE m.candidate_id = k.id))), '[]') AS concerns
     FROM deliberation.submission s WHERE s.account_id = $1 ORDER BY s.submitted_at DESC, s.id DESC LIMIT $2`,
    [accountId, limit],
  );
}

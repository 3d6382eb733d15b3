/** How boards are, for who asks. */
import type { DataSource } from 'typeorm';
import type { Source } from '../entities.js';

export interface BoardListing extends Pick<Source, 'type' | 'identifier' | 'name' | 'state' | 'lastSuccessAt' | 'lastFailureAt' | 'failuresInRow' | 'lastError' | 'cappedBy'> {
  open: number;
  closed: number;
}

/** Those in trouble first. */
export async function listBoards(dataSource: DataSource): Promise<BoardListing[]> {
  return dataSource.manager.query(
    `SELECT s.type, s.identifier, s.name, s.state, s.last_success_at AS "lastSuccessAt", s.last_failure_at AS "lastFailureAt", s.failures_in_row AS "failuresInRow", s.last_error AS "lastError", s.capped_by AS "cappedBy",
       count(p.job_key) FILTER (WHERE p.closed_at IS NULL)::int AS open, count(p.closed_at)::int AS closed
     FROM job_scan.source s LEFT JOIN job_scan.posting p ON p.source_type = s.type AND p.source_identifier = s.identifier
     GROUP BY s.type, s.identifier ORDER BY s.state = 'healthy', s.name, s.type, s.identifier`,
  );
}

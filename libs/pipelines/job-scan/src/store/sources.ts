/** Boards as rows: what is remembered between readings, and how a reading is written. */
import type { DataSource, EntityManager } from 'typeorm';
import type { SourceConfig } from '../config/config.js';
import { Source } from '../entities.js';
import { ScannedMeanwhile } from '../errors.js';
import type { BoardHealth } from '../rules/board-health.js';

export type SourceKey = Pick<SourceConfig, 'type' | 'identifier'>;

/** As it is stored: names of boards are compared without case. */
export const keyOf = ({ type, identifier }: SourceKey): { type: string; identifier: string } => ({ type, identifier: identifier.trim().toLowerCase() });

/** The board's row, made if it is not there. */
export async function sourceState(dataSource: DataSource, source: SourceConfig): Promise<Source> {
  const key = keyOf(source);
  await dataSource.manager.query(`INSERT INTO job_scan.source (type, identifier, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [key.type, key.identifier, source.name]);
  return dataSource.manager.findOneByOrFail(Source, key);
}

export interface SourceReading extends Pick<Source, 'name' | 'validators' | 'bodyHash' | 'cappedBy' | 'profiles' | 'readBy'> {
  at: Date;
  health: BoardHealth;
  /** The whole board was seen. */
  complete: boolean;
}

/** @throws ScannedMeanwhile when another reading was written since the state was read */
export async function writeReading(manager: EntityManager, before: Source, reading: SourceReading): Promise<void> {
  const { at, health, complete, name, validators, bodyHash, cappedBy, profiles, readBy } = reading;
  const [, written] = await manager.query<[unknown, number]>(
    `UPDATE job_scan.source SET scans = scans + 1, name = $4, first_scanned_at = coalesce(first_scanned_at, $5), last_success_at = $5, last_complete_at = CASE WHEN $6 THEN $5 ELSE last_complete_at END, state = $7, failures_in_row = 0,
       last_count = $8, zeros_in_row = $9, told_state = $10, validators = $11, body_hash = $12, capped_by = $13, profiles = $14, read_by = $15, last_error = NULL WHERE type = $1 AND identifier = $2 AND scans = $3`,
    [before.type, before.identifier, before.scans, name, at, complete, health.state, health.lastCount, health.zerosInRow, health.toldState, JSON.stringify(validators), bodyHash, cappedBy, JSON.stringify(profiles), readBy],
  );
  if (written === 0) throw new ScannedMeanwhile(`${before.type} "${before.identifier}" was scanned by somebody else meanwhile`);
}

/** Keeps when the board last worked. @returns false when this run's failure is recorded already */
export async function writeFailure(manager: EntityManager, before: Source, failure: { runId: string; at: Date; error: string; health: BoardHealth }): Promise<boolean> {
  const { runId, at, error, health } = failure;
  const [, written] = await manager.query<[unknown, number]>(
    `UPDATE job_scan.source SET scans = scans + 1, last_failure_at = $3, last_error = $4, failures_in_row = $5, state = $6, told_state = $7, last_failed_run = $8
     WHERE type = $1 AND identifier = $2 AND last_failed_run IS DISTINCT FROM $8`,
    [before.type, before.identifier, at, error.slice(0, 2_000), health.failuresInRow, health.state, health.toldState, runId],
  );
  return written > 0;
}

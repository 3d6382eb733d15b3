/** The rows of job scan, and the list that an app hands to its data source. */
import type { JsonObject } from '@carillon/engine';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MigrationInterface } from 'typeorm';
import type { PostingDetails } from './matching/posting.js';
import { JobScan1768400000000 } from './migrations/1768400000000-job-scan.js';
import { JobScanReaders1769200000000 } from './migrations/1769200000000-job-scan-readers.js';
import type { BoardState } from './rules/board-health.js';

@Entity({ schema: 'job_scan', name: 'source' })
export class Source {
  @PrimaryColumn({ type: 'text' }) type!: string;
  @PrimaryColumn({ type: 'text' }) identifier!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'bigint' }) scans!: string;
  @Column({ type: 'timestamptz', name: 'first_scanned_at', nullable: true }) firstScannedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_complete_at', nullable: true }) lastCompleteAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_success_at', nullable: true }) lastSuccessAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_failure_at', nullable: true }) lastFailureAt!: Date | null;
  @Column({ type: 'uuid', name: 'last_failed_run', nullable: true }) lastFailedRun!: string | null;
  @Column({ type: 'text', name: 'last_error', nullable: true }) lastError!: string | null;
  @Column({ type: 'int', name: 'failures_in_row' }) failuresInRow!: number;
  @Column({ type: 'int', name: 'last_count', nullable: true }) lastCount!: number | null;
  @Column({ type: 'int', name: 'zeros_in_row' }) zerosInRow!: number;
  @Column({ type: 'text' }) state!: BoardState;
  @Column({ type: 'text', name: 'told_state', nullable: true }) toldState!: BoardState | null;
  @Column({ type: 'jsonb' }) validators!: { etag?: string; lastModified?: string };
  @Column({ type: 'text', name: 'body_hash', nullable: true }) bodyHash!: string | null;
  @Column({ type: 'int', name: 'capped_by', nullable: true }) cappedBy!: number | null;
  @Column({ type: 'jsonb' }) profiles!: Record<string, string>;
  @Column({ type: 'text', name: 'read_by', nullable: true }) readBy!: string | null;
}

@Entity({ schema: 'job_scan', name: 'posting' })
export class Posting {
  @PrimaryColumn({ type: 'text', name: 'job_key' }) jobKey!: string;
  @Column({ type: 'text', name: 'source_type' }) sourceType!: string;
  @Column({ type: 'text', name: 'source_identifier' }) sourceIdentifier!: string;
  @Column({ type: 'text', name: 'external_id' }) externalId!: string;
  @Column({ type: 'text' }) title!: string;
  @Column({ type: 'text' }) company!: string;
  @Column({ type: 'text', nullable: true }) location!: string | null;
  @Column({ type: 'text' }) description!: string;
  @Column({ type: 'text' }) url!: string;
  @Column({ type: 'timestamptz', name: 'posted_at', nullable: true }) postedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'updated_at', nullable: true }) updatedAt!: Date | null;
  @Column({ type: 'jsonb' }) details!: PostingDetails;
  @Column({ type: 'text', name: 'content_hash' }) contentHash!: string;
  @Column({ type: 'text', name: 'facts_hash' }) factsHash!: string;
  @Column({ type: 'text' }) likeness!: string;
  @Column({ type: 'text', name: 'entry_hash', nullable: true }) entryHash!: string | null;
  @Column({ type: 'timestamptz', name: 'entry_read_at', nullable: true }) entryReadAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'first_seen_at' }) firstSeenAt!: Date;
  @Column({ type: 'timestamptz', name: 'last_seen_at', nullable: true }) lastSeenAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'closed_at', nullable: true }) closedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'reopened_at', nullable: true }) reopenedAt!: Date | null;
  @Column({ type: 'int' }) reopenings!: number;
}

@Entity({ schema: 'job_scan', name: 'source_run' })
export class SourceRun {
  @PrimaryColumn({ type: 'uuid', name: 'run_id' }) runId!: string;
  @PrimaryColumn({ type: 'text' }) type!: string;
  @PrimaryColumn({ type: 'text' }) identifier!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'int' }) fetched!: number;
  @Column({ type: 'int' }) normalized!: number;
  @Column({ type: 'int' }) upserted!: number;
  @Column({ type: 'int' }) matched!: number;
  @Column({ type: 'int' }) closed!: number;
  @Column({ type: 'int' }) reopened!: number;
  @Column({ type: 'boolean' }) unchanged!: boolean;
  @Column({ type: 'int', name: 'capped_by', nullable: true }) cappedBy!: number | null;
  @Column({ type: 'jsonb' }) problems!: string[];
  @Column({ type: 'text', nullable: true }) error!: string | null;
  @Column({ type: 'int', name: 'duration_ms' }) durationMs!: number;
}

@Entity({ schema: 'job_scan', name: 'match' })
export class Match {
  @PrimaryColumn({ type: 'text', name: 'job_key' }) jobKey!: string;
  @PrimaryColumn({ type: 'text' }) profile!: string;
  @Column({ type: 'text', name: 'profile_version' }) profileVersion!: string;
  @Column({ type: 'text', name: 'content_hash' }) contentHash!: string;
  @Column({ type: 'int' }) score!: number;
  @Column({ type: 'jsonb' }) summary!: string[];
  @Column({ type: 'timestamptz', name: 'matched_at' }) matchedAt!: Date;
}

@Entity({ schema: 'job_scan', name: 'alert' })
export class Alert {
  @PrimaryColumn({ type: 'text', name: 'job_key' }) jobKey!: string;
  @PrimaryColumn({ type: 'text', name: 'content_hash' }) contentHash!: string;
  @PrimaryColumn({ type: 'text' }) profile!: string;
  @Column({ type: 'uuid', name: 'run_id' }) runId!: string;
  @Column({ type: 'text' }) decision!: string;
  @Column({ type: 'text' }) likeness!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'jsonb', nullable: true }) content!: JsonObject | null;
  @Column({ type: 'timestamptz', name: 'told_at', nullable: true }) toldAt!: Date | null;
}

@Entity({ schema: 'job_scan', name: 'mute' })
export class Mute {
  @PrimaryColumn({ type: 'text' }) kind!: 'company' | 'posting';
  @PrimaryColumn({ type: 'text' }) value!: string;
  @Column({ type: 'text' }) label!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
}

@Entity({ schema: 'job_scan', name: 'digest' })
export class Digest {
  @PrimaryColumn({ type: 'text' }) profile!: string;
  @PrimaryColumn({ type: 'date' }) day!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
}

export const jobScanEntities: (new () => object)[] = [Source, Posting, SourceRun, Match, Alert, Mute, Digest];

export const jobScanMigrations: (new () => MigrationInterface)[] = [JobScan1768400000000, JobScanReaders1769200000000];

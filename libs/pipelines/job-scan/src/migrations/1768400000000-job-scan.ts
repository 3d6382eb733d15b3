/** What job scan remembers: boards and their health, postings, which of them match whom, what was told, and what each run came to. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class JobScan1768400000000 implements MigrationInterface {
  readonly name = 'JobScan1768400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS job_scan');
    await runner.query(BOARDS);
    await runner.query(MATCHES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA IF EXISTS job_scan CASCADE');
  }
}

const BOARDS = `
  CREATE TABLE job_scan.source (
    type text NOT NULL,
    identifier text NOT NULL,
    name text NOT NULL,
    -- Counts what was written about this board; who read an older count may not write.
    scans bigint NOT NULL DEFAULT 0,
    first_scanned_at timestamptz,
    -- When all of it was last seen, so also when its open postings were.
    last_complete_at timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_failed_run uuid,
    last_error text,
    failures_in_row int NOT NULL DEFAULT 0,
    last_count int,
    zeros_in_row int NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'healthy', 'failing', 'gone', 'empty')),
    -- The episode that was told; null while the board is well.
    told_state text,
    validators jsonb NOT NULL DEFAULT '{}',
    body_hash text,
    capped_by int,
    -- By profile, the version with which everything stored of this board has been matched.
    profiles jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (type, identifier)
  );

  CREATE TABLE job_scan.posting (
    job_key text PRIMARY KEY CHECK (length(job_key) = 64),
    source_type text NOT NULL,
    source_identifier text NOT NULL,
    external_id text NOT NULL,
    title text NOT NULL,
    company text NOT NULL,
    location text,
    description text NOT NULL,
    url text NOT NULL,
    posted_at timestamptz,
    updated_at timestamptz,
    details jsonb NOT NULL DEFAULT '{}',
    content_hash text NOT NULL,
    -- Of what is stored and is no content: address, company, dates, details.
    facts_hash text NOT NULL,
    -- The same for postings that may be the same job at another board.
    likeness text NOT NULL,
    -- Of boards that tell the text only when asked: what their list said, and when the text was read.
    entry_hash text,
    entry_read_at timestamptz,
    first_seen_at timestamptz NOT NULL,
    -- Null while it is open: then it was last seen when all of its board was.
    last_seen_at timestamptz,
    closed_at timestamptz,
    reopened_at timestamptz,
    reopenings int NOT NULL DEFAULT 0,
    FOREIGN KEY (source_type, source_identifier) REFERENCES job_scan.source (type, identifier)
  );
  CREATE INDEX posting_source ON job_scan.posting (source_type, source_identifier);

  CREATE TABLE job_scan.source_run (
    run_id uuid NOT NULL,
    type text NOT NULL,
    identifier text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL,
    fetched int NOT NULL DEFAULT 0,
    normalized int NOT NULL DEFAULT 0,
    upserted int NOT NULL DEFAULT 0,
    matched int NOT NULL DEFAULT 0,
    closed int NOT NULL DEFAULT 0,
    reopened int NOT NULL DEFAULT 0,
    unchanged boolean NOT NULL DEFAULT false,
    capped_by int,
    problems jsonb NOT NULL DEFAULT '[]',
    error text,
    duration_ms int NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, type, identifier)
  );
  CREATE INDEX source_run_at ON job_scan.source_run (at);
`;

const MATCHES = `
  -- Only what matches is a row: that something was looked at and does not match follows from its board's profiles.
  CREATE TABLE job_scan.match (
    job_key text NOT NULL REFERENCES job_scan.posting (job_key) ON DELETE CASCADE,
    profile text NOT NULL,
    profile_version text NOT NULL,
    content_hash text NOT NULL,
    score int NOT NULL,
    summary jsonb NOT NULL,
    matched_at timestamptz NOT NULL,
    PRIMARY KEY (job_key, profile)
  );
  CREATE INDEX match_profile ON job_scan.match (profile, score DESC);

  -- What was decided about telling a match, once for each version of a posting and each profile.
  CREATE TABLE job_scan.alert (
    job_key text NOT NULL REFERENCES job_scan.posting (job_key) ON DELETE CASCADE,
    content_hash text NOT NULL,
    profile text NOT NULL,
    run_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision IN ('posting', 'run', 'day', 'baseline', 'muted', 'elsewhere', 'below', 'nobody')),
    likeness text NOT NULL,
    at timestamptz NOT NULL,
    -- What a digest will say of it.
    content jsonb,
    -- When its notice was filed; null for what waits for its digest, and for what is not told.
    told_at timestamptz,
    PRIMARY KEY (job_key, content_hash, profile)
  );
  CREATE INDEX alert_waiting ON job_scan.alert (profile, decision) WHERE told_at IS NULL AND decision IN ('run', 'day');
  CREATE INDEX alert_likeness ON job_scan.alert (likeness, profile) WHERE decision IN ('posting', 'run', 'day');
  CREATE INDEX alert_run ON job_scan.alert (run_id);

  CREATE TABLE job_scan.mute (
    kind text NOT NULL CHECK (kind IN ('company', 'posting')),
    -- A job key, or a company's name as it is compared.
    value text NOT NULL,
    label text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (kind, value)
  );

  CREATE TABLE job_scan.digest (
    profile text NOT NULL,
    day date NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (profile, day)
  );
`;

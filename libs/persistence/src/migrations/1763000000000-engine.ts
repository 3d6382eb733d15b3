import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The engine's ledger: schedules, what they owed, runs, steps, and the promises to publish. Immutable once released; changes are new migrations. */
export class Engine1763000000000 implements MigrationInterface {
  readonly name = 'Engine1763000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA IF NOT EXISTS engine;
      CREATE SEQUENCE engine.fence;
      -- The one clock. STABLE, so that indexes on due times are used; a test may replace it to move time.
      CREATE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT statement_timestamp()';

      CREATE TABLE engine.schedule (
        id uuid PRIMARY KEY,
        pipeline text NOT NULL,
        scope text NOT NULL DEFAULT '',
        trigger jsonb NOT NULL,
        misfire jsonb NOT NULL,
        overlap jsonb NOT NULL,
        version int NOT NULL DEFAULT 1,
        anchor_at timestamptz NOT NULL,
        evaluated_through timestamptz NOT NULL,
        next_due_at timestamptz,
        paused_at timestamptz,
        last_started_at timestamptz,
        last_success_started_at timestamptz,
        failures_in_row int NOT NULL DEFAULT 0,
        waiting_for text,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        updated_at timestamptz NOT NULL DEFAULT engine.clock(),
        UNIQUE (pipeline, scope)
      );
      CREATE INDEX schedule_due ON engine.schedule (next_due_at) WHERE paused_at IS NULL AND next_due_at IS NOT NULL;

      CREATE TABLE engine.run (
        id uuid PRIMARY KEY,
        pipeline text NOT NULL,
        scope text NOT NULL DEFAULT '',
        trigger text NOT NULL,
        reason text,
        schedule_id uuid REFERENCES engine.schedule (id) ON DELETE SET NULL,
        scheduled_for timestamptz,
        dedupe_key text,
        params jsonb NOT NULL DEFAULT '{}',
        plan jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'skipped')),
        exclusive boolean NOT NULL,
        requested_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        cancel_requested_at timestamptz,
        counts jsonb NOT NULL DEFAULT '{}',
        errors jsonb NOT NULL DEFAULT '[]',
        UNIQUE (schedule_id, scheduled_for)
      );
      CREATE UNIQUE INDEX run_one_at_a_time ON engine.run (pipeline, scope) WHERE exclusive AND status = 'running';
      CREATE UNIQUE INDEX run_dedupe ON engine.run (pipeline, dedupe_key) WHERE dedupe_key IS NOT NULL;
      CREATE INDEX run_active ON engine.run (pipeline, scope, requested_at) WHERE status IN ('queued', 'running');
      CREATE INDEX run_history ON engine.run (requested_at DESC, id DESC);

      CREATE TABLE engine.occurrence (
        schedule_id uuid NOT NULL REFERENCES engine.schedule (id) ON DELETE CASCADE,
        scheduled_for timestamptz NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('ran', 'coalesced', 'skipped', 'expired', 'paused')),
        reason text,
        run_id uuid,
        decided_at timestamptz NOT NULL DEFAULT engine.clock(),
        PRIMARY KEY (schedule_id, scheduled_for)
      );

      CREATE TABLE engine.step (
        id uuid PRIMARY KEY,
        run_id uuid NOT NULL REFERENCES engine.run (id) ON DELETE CASCADE,
        name text NOT NULL,
        position int NOT NULL,
        attempt int NOT NULL,
        status text NOT NULL CHECK (status IN ('due', 'running', 'done', 'skipped', 'failed', 'cancelled', 'retried', 'snoozed', 'lost')),
        owner text NOT NULL,
        due_at timestamptz NOT NULL,
        claimed_by uuid,
        fence bigint,
        lease_until timestamptz,
        input jsonb,
        output jsonb,
        counts jsonb NOT NULL DEFAULT '{}',
        item_errors jsonb NOT NULL DEFAULT '[]',
        error jsonb,
        reason text,
        progress_done int,
        progress_total int,
        nudged_at timestamptz,
        started_at timestamptz,
        finished_at timestamptz,
        UNIQUE (run_id, name, attempt)
      );
      CREATE INDEX step_due ON engine.step (due_at) WHERE status = 'due';
      CREATE INDEX step_leased ON engine.step (lease_until) WHERE status = 'running';

      CREATE TABLE engine.outbox (
        id uuid PRIMARY KEY,
        subject text NOT NULL,
        payload jsonb NOT NULL,
        available_at timestamptz NOT NULL DEFAULT engine.clock(),
        created_at timestamptz NOT NULL DEFAULT engine.clock()
      );
      CREATE INDEX outbox_available ON engine.outbox (available_at);
      ALTER TABLE engine.outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0, fillfactor = 80);

      CREATE TABLE engine.service (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        host text NOT NULL,
        pid int NOT NULL,
        started_at timestamptz NOT NULL DEFAULT engine.clock(),
        beat_at timestamptz NOT NULL DEFAULT engine.clock(),
        stopped_at timestamptz,
        detail jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX service_beat ON engine.service (name, beat_at DESC);

      CREATE TABLE engine.dead_letter (
        id uuid PRIMARY KEY,
        service text NOT NULL,
        subject text NOT NULL,
        message_id text,
        payload bytea NOT NULL,
        headers jsonb NOT NULL DEFAULT '{}',
        reason text NOT NULL,
        error text,
        deliveries int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        redriven_at timestamptz,
        discarded_at timestamptz
      );
      CREATE INDEX dead_letter_open ON engine.dead_letter (created_at) WHERE redriven_at IS NULL AND discarded_at IS NULL;

      CREATE TABLE engine.api_key (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        hash text NOT NULL UNIQUE,
        rights text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        last_used_at timestamptz,
        revoked_at timestamptz
      );

      CREATE SCHEMA IF NOT EXISTS notices;
      CREATE TABLE notices.notice (
        id uuid PRIMARY KEY,
        channel text NOT NULL CHECK (channel IN ('telegram', 'email', 'slack')),
        recipient text NOT NULL,
        message_type text NOT NULL,
        content jsonb NOT NULL,
        dedupe_key text NOT NULL UNIQUE,
        run_id uuid,
        status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sending', 'sent', 'dry-run', 'uncertain', 'failed', 'dead')),
        attempts int NOT NULL DEFAULT 0,
        fence bigint NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT engine.clock(),
        lease_until timestamptz,
        nudged_at timestamptz,
        text text,
        provider_message_id text,
        error text,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        sent_at timestamptz
      );
      CREATE INDEX notice_open ON notices.notice (due_at) WHERE status IN ('queued', 'failed');
      CREATE INDEX notice_sending ON notices.notice (lease_until) WHERE status = 'sending';
      CREATE INDEX notice_history ON notices.notice (created_at DESC, id DESC);
      CREATE TABLE notices.address (
        recipient text NOT NULL,
        channel text NOT NULL,
        address text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        PRIMARY KEY (recipient, channel)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA IF EXISTS notices CASCADE; DROP SCHEMA IF EXISTS engine CASCADE;');
  }
}

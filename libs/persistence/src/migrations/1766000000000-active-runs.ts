import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ledger becomes append-mostly. What is not over lives in one small hot table, `active_run`; runs and ended attempts are written once or twice and
 * then only read, in one partition a month, so that a million old runs slow nothing and a month can be dropped. See docs/adr/0010.
 */
export class ActiveRuns1766000000000 implements MigrationInterface {
  readonly name = 'ActiveRuns1766000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Lists of steps, one row per version of a pipeline: a run finishes on the list that it began with.
      CREATE TABLE engine.plan (
        id uuid PRIMARY KEY,
        pipeline text NOT NULL,
        steps jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT engine.clock()
      );

      ALTER TABLE engine.run RENAME TO old_run;
      ALTER TABLE engine.step RENAME TO old_step;

      CREATE TABLE engine.run (
        id uuid NOT NULL,
        pipeline text NOT NULL,
        scope text NOT NULL DEFAULT '',
        trigger text NOT NULL,
        reason text,
        schedule_id uuid,
        scheduled_for timestamptz,
        dedupe_key text,
        params jsonb NOT NULL DEFAULT '{}',
        plan_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'skipped')),
        priority int NOT NULL DEFAULT 0,
        resumed_from uuid,
        trace text,
        requested_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        cancel_requested_at timestamptz,
        counts jsonb NOT NULL DEFAULT '{}',
        errors jsonb NOT NULL DEFAULT '[]',
        CONSTRAINT run_key_id PRIMARY KEY (id)
      ) PARTITION BY RANGE (id);

      -- One row per attempt that is over. Never updated.
      CREATE TABLE engine.step (
        id uuid NOT NULL,
        run_id uuid NOT NULL,
        name text NOT NULL,
        position int NOT NULL,
        attempt int NOT NULL,
        status text NOT NULL CHECK (status IN ('done', 'skipped', 'failed', 'cancelled', 'retried', 'snoozed', 'lost')),
        owner text NOT NULL,
        due_at timestamptz NOT NULL,
        claimed_by uuid,
        fence bigint,
        output jsonb,
        counts jsonb NOT NULL DEFAULT '{}',
        item_errors jsonb NOT NULL DEFAULT '[]',
        error jsonb,
        reason text,
        progress_done int,
        progress_total int,
        started_at timestamptz,
        finished_at timestamptz NOT NULL,
        CONSTRAINT step_key PRIMARY KEY (run_id, name, attempt)
      ) PARTITION BY RANGE (run_id);

      CREATE TABLE engine.run_default PARTITION OF engine.run DEFAULT;
      CREATE TABLE engine.step_default PARTITION OF engine.step DEFAULT;

      -- Ids are UUIDv7: the first 48 bits are milliseconds, so an instant has a smallest id.
      CREATE FUNCTION engine.first_id_of(instant timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
        $$ SELECT (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid $$;

      -- Makes the partitions of one month where they are missing; true when it made them.
      CREATE FUNCTION engine.make_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
          first timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
          next timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
          suffix text := to_char(month, 'YYYY_MM');
        BEGIN
          IF to_regclass('engine.run_' || suffix) IS NOT NULL THEN RETURN false; END IF;
          EXECUTE format('CREATE TABLE engine.%I PARTITION OF engine.run FOR VALUES FROM (%L) TO (%L)', 'run_' || suffix, engine.first_id_of(first), engine.first_id_of(next));
          EXECUTE format('CREATE TABLE engine.%I PARTITION OF engine.step FOR VALUES FROM (%L) TO (%L)', 'step_' || suffix, engine.first_id_of(first), engine.first_id_of(next));
          RETURN true;
        END
      $$;
      SELECT engine.make_month(month::date)
      FROM generate_series(
        date_trunc('month', coalesce((SELECT min(requested_at) FROM engine.old_run), engine.clock()) AT TIME ZONE 'UTC'),
        date_trunc('month', engine.clock() AT TIME ZONE 'UTC') + interval '2 months', interval '1 month') month;

      -- The same key of the same pipeline answers the run that it made before.
      CREATE TABLE engine.run_key (
        pipeline text NOT NULL,
        dedupe_key text NOT NULL,
        run_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        PRIMARY KEY (pipeline, dedupe_key)
      );

      -- One row per run that is not over: where it stands. Narrow, and updated in place (HOT) while one worker goes from step to step.
      CREATE TABLE engine.active_run (
        run_id uuid PRIMARY KEY,
        step_id uuid NOT NULL,
        pipeline text NOT NULL,
        scope text NOT NULL,
        exclusive boolean NOT NULL,
        priority int NOT NULL DEFAULT 0,
        -- Its place among the waiting of its pipeline, so that scopes take turns; see docs/adr/0010.
        turn bigint NOT NULL DEFAULT 0,
        status text NOT NULL CHECK (status IN ('queued', 'waiting', 'due', 'running')),
        plan_id uuid NOT NULL,
        owner text NOT NULL,
        step text NOT NULL,
        position int NOT NULL,
        attempt int NOT NULL,
        due_at timestamptz NOT NULL,
        requested_at timestamptz NOT NULL,
        claimed_by uuid,
        claimed_at timestamptz,
        fence bigint NOT NULL DEFAULT 0,
        -- Past this the step is taken over, also from a worker whose heart beats.
        deadline_at timestamptz,
        -- Of workers that have no heartbeat of their own.
        lease_until timestamptz,
        progress_done int,
        progress_total int,
        nudged_at timestamptz,
        cancel_requested_at timestamptz
      ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2);
      CREATE UNIQUE INDEX active_run_one_at_a_time ON engine.active_run (pipeline, scope) WHERE exclusive AND status <> 'queued';
      CREATE INDEX active_run_scope ON engine.active_run (pipeline, scope, turn);
      CREATE INDEX active_run_due ON engine.active_run (owner, pipeline, priority DESC, turn) WHERE status = 'due';
      CREATE INDEX active_run_waiting ON engine.active_run (due_at) WHERE status = 'waiting';
      CREATE INDEX active_run_held ON engine.active_run (claimed_by) WHERE status = 'running';
      CREATE INDEX active_run_queued ON engine.active_run (requested_at) WHERE status = 'queued';

      -- Tokens of steps that have a rate.
      CREATE TABLE engine.rate (
        pipeline text NOT NULL,
        step text NOT NULL,
        tokens double precision NOT NULL,
        counted_at timestamptz NOT NULL,
        PRIMARY KEY (pipeline, step)
      );

      -- Schedules that ring after another pipeline's runs, and the ended runs that they have not looked at yet.
      ALTER TABLE engine.schedule ADD COLUMN after_pipeline text;
      CREATE INDEX schedule_after ON engine.schedule (after_pipeline) WHERE after_pipeline IS NOT NULL;
      CREATE TABLE engine.chain_due (
        schedule_id uuid NOT NULL REFERENCES engine.schedule (id) ON DELETE CASCADE,
        run_id uuid NOT NULL,
        finished_at timestamptz NOT NULL,
        PRIMARY KEY (schedule_id, run_id)
      );

      -- A heartbeat a second must touch no index.
      DROP INDEX engine.service_beat;
      ALTER TABLE engine.service SET (fillfactor = 50);

      -- Facts are promised together: no subject, and a list of messages in the payload.
      ALTER TABLE engine.outbox ALTER COLUMN subject DROP NOT NULL;

      INSERT INTO engine.plan (id, pipeline, steps)
        SELECT DISTINCT ON (id) id, pipeline, plan FROM (SELECT md5(pipeline || plan::text)::uuid AS id, pipeline, plan FROM engine.old_run) p;
      INSERT INTO engine.run (id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, dedupe_key, params, plan_id, status, requested_at, started_at, finished_at, cancel_requested_at, counts, errors)
        SELECT id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, dedupe_key, params, md5(pipeline || plan::text)::uuid, status, requested_at, started_at, finished_at, cancel_requested_at, counts, errors
        FROM engine.old_run;
      INSERT INTO engine.run_key (pipeline, dedupe_key, run_id) SELECT pipeline, dedupe_key, id FROM engine.old_run WHERE dedupe_key IS NOT NULL;
      INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, claimed_by, fence, output, counts, item_errors, error, reason, progress_done, progress_total, started_at, finished_at)
        SELECT id, run_id, name, position, attempt, status, owner, due_at, claimed_by, fence, output, counts, item_errors, error, reason, progress_done, progress_total, started_at, coalesce(finished_at, engine.clock())
        FROM engine.old_step WHERE status NOT IN ('due', 'running');
      -- Who worked while this ran has lost its lease: its step is due again.
      INSERT INTO engine.active_run (run_id, step_id, pipeline, scope, exclusive, status, plan_id, owner, step, position, attempt, due_at, requested_at, cancel_requested_at)
        SELECT r.id, coalesce(s.id, gen_random_uuid()), r.pipeline, r.scope, r.exclusive, CASE WHEN r.status = 'queued' THEN 'queued' WHEN s.due_at > engine.clock() THEN 'waiting' ELSE 'due' END,
               md5(r.pipeline || r.plan::text)::uuid, coalesce(s.owner, r.plan->0->>'owner'), coalesce(s.name, r.plan->0->>'name'), coalesce(s.position, 0), coalesce(s.attempt, 1), coalesce(s.due_at, r.requested_at), r.requested_at, r.cancel_requested_at
        FROM engine.old_run r LEFT JOIN engine.old_step s ON s.run_id = r.id AND s.status IN ('due', 'running') WHERE r.status IN ('queued', 'running');
      DROP TABLE engine.old_step;
      DROP TABLE engine.old_run;
      DROP SEQUENCE engine.fence;
    `);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is not turned back: restore the backup that was made before the upgrade');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Schedules have names, policies about punctuality, and may be made at runtime; several may ring one pipeline and scope. What they owed lies in one
 * partition a month, so that a month can be dropped; it refers to nothing, so that dropping locks nothing.
 */
export class Schedules1766000000001 implements MigrationInterface {
  readonly name = 'Schedules1766000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE engine.schedule DROP CONSTRAINT schedule_pipeline_scope_key;
      ALTER TABLE engine.schedule
        ADD COLUMN name text,
        ADD COLUMN source text NOT NULL DEFAULT 'code' CHECK (source IN ('code', 'runtime')),
        ADD COLUMN daylight jsonb NOT NULL DEFAULT '{"gap": "nextValid", "overlap": "first"}',
        ADD COLUMN jitter_ms int NOT NULL DEFAULT 0,
        ADD COLUMN deadline_ms double precision,
        ADD COLUMN params jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN priority int NOT NULL DEFAULT 0,
        -- What is still missing, as the pipeline's sensor listed it.
        ADD COLUMN waiting_list jsonb NOT NULL DEFAULT '[]',
        -- Only runs of this scope are followed; of every scope when null.
        ADD COLUMN after_scope text,
        -- Whether a look at it runs code of the pipeline, which may be slow or broken; such schedules are looked at one by one.
        ADD COLUMN by_code boolean NOT NULL GENERATED ALWAYS AS (trigger->>'kind' IN ('threshold', 'whenReady')) STORED;
      UPDATE engine.schedule SET name = CASE WHEN scope = '' THEN pipeline ELSE pipeline || '/' || scope END;
      ALTER TABLE engine.schedule ALTER COLUMN name SET NOT NULL, ADD CONSTRAINT schedule_name UNIQUE (name);
      CREATE INDEX schedule_scope ON engine.schedule (pipeline, scope);
      DROP INDEX engine.schedule_due;
      CREATE INDEX schedule_due ON engine.schedule (next_due_at) WHERE paused_at IS NULL AND next_due_at IS NOT NULL AND NOT by_code;
      CREATE INDEX schedule_look_due ON engine.schedule (next_due_at) WHERE paused_at IS NULL AND next_due_at IS NOT NULL AND by_code;
      ALTER TABLE engine.schedule SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

      DROP INDEX engine.schedule_after;
      CREATE INDEX schedule_after ON engine.schedule (after_pipeline, after_scope) WHERE after_pipeline IS NOT NULL;

      ALTER TABLE engine.occurrence RENAME TO old_occurrence;
      ALTER INDEX engine.occurrence_pkey RENAME TO old_occurrence_pkey;
      CREATE TABLE engine.occurrence (
        schedule_id uuid NOT NULL,
        scheduled_for timestamptz NOT NULL,
        -- The run that a chained one follows; nil for an instant that time alone owed.
        cause uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
        outcome text NOT NULL CHECK (outcome IN ('ran', 'coalesced', 'skipped', 'expired', 'paused')),
        reason text,
        run_id uuid,
        decided_at timestamptz NOT NULL DEFAULT engine.clock(),
        PRIMARY KEY (schedule_id, scheduled_for, cause)
      ) PARTITION BY RANGE (scheduled_for);
      CREATE TABLE engine.occurrence_default PARTITION OF engine.occurrence DEFAULT;

      -- Makes the partition of one month; false when it is there, or when the default partition already holds rows of that month.
      CREATE FUNCTION engine.make_occurrence_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
          first timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
          next timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
          partition text := 'occurrence_' || to_char(month, 'YYYY_MM');
        BEGIN
          IF to_regclass('engine.' || partition) IS NOT NULL THEN RETURN false; END IF;
          IF EXISTS (SELECT FROM engine.occurrence_default WHERE scheduled_for >= first AND scheduled_for < next) THEN RETURN false; END IF;
          EXECUTE format('CREATE TABLE engine.%I PARTITION OF engine.occurrence FOR VALUES FROM (%L) TO (%L)', partition, first, next);
          RETURN true;
        END
      $$;
      SELECT engine.make_occurrence_month(month::date)
      FROM generate_series(
        date_trunc('month', coalesce((SELECT min(scheduled_for) FROM engine.old_occurrence), engine.clock()) AT TIME ZONE 'UTC'),
        date_trunc('month', engine.clock() AT TIME ZONE 'UTC') + interval '2 months', interval '1 month') month;
      INSERT INTO engine.occurrence (schedule_id, scheduled_for, outcome, reason, run_id, decided_at)
        SELECT schedule_id, scheduled_for, outcome, reason, run_id, decided_at FROM engine.old_occurrence;
      DROP TABLE engine.old_occurrence;
    `);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is not turned back: restore the backup that was made before the upgrade');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a fan-out did to each of its items, and the large values that steps keep. Both begin with the run's id, in order of time, and are pruned with it. */
export class StepItems1766000000003 implements MigrationInterface {
  readonly name = 'StepItems1766000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE engine.step_item (
        run_id uuid NOT NULL,
        step text NOT NULL,
        key text NOT NULL,
        status text NOT NULL CHECK (status IN ('done', 'failed', 'skipped', 'waiting')),
        attempts int NOT NULL,
        revision int NOT NULL,
        due_at timestamptz,
        counts jsonb,
        output jsonb,
        error jsonb,
        reason text,
        kept_from uuid,
        fence bigint,
        recorded_at timestamptz NOT NULL DEFAULT engine.clock(),
        PRIMARY KEY (run_id, step, key)
      );

      CREATE TABLE engine.step_value (
        run_id uuid NOT NULL,
        step text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('json', 'bytes')),
        content bytea NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT engine.clock(),
        PRIMARY KEY (run_id, step, name)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE engine.step_value; DROP TABLE engine.step_item;');
  }
}

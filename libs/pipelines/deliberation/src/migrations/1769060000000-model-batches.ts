/** Questions that are handed in together outlive the process that asked them. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class ModelBatches1769060000000 implements MigrationInterface {
  readonly name = 'ModelBatches1769060000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deliberation.model_batch (
        run_id uuid NOT NULL,
        step text NOT NULL,
        provider_id text,
        handed_in_at timestamptz NOT NULL,
        over_at timestamptz,
        outcome text,
        answers jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY (run_id, step)
      )`);
    await runner.query('CREATE INDEX model_batch_handed_in ON deliberation.model_batch (handed_in_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deliberation.model_batch');
  }
}

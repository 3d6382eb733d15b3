import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a waiting step was last nudged again, so that a long queue is not nudged anew at every sweep. Immutable once released. */
export class Nudges1763000000001 implements MigrationInterface {
  readonly name = 'Nudges1763000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE engine.step ADD COLUMN nudged_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE engine.step DROP COLUMN nudged_at');
  }
}

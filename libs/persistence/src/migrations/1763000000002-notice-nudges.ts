import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a waiting notice was last nudged again, as steps have it. Immutable once released. */
export class NoticeNudges1763000000002 implements MigrationInterface {
  readonly name = 'NoticeNudges1763000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notices.notice ADD COLUMN nudged_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notices.notice DROP COLUMN nudged_at');
  }
}

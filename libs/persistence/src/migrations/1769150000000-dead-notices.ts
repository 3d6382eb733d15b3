import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A notice that failed for good is a dead letter too, so that one list shows all that a person has to look at. The letter has the notice's id, goes with it, and opens again when it fails again. */
export class DeadNotices1769150000000 implements MigrationInterface {
  readonly name = 'DeadNotices1769150000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE engine.dead_letter ADD COLUMN notice_id uuid REFERENCES notices.notice ON DELETE CASCADE;
      CREATE INDEX dead_letter_of_notice ON engine.dead_letter (notice_id) WHERE notice_id IS NOT NULL;
      INSERT INTO engine.dead_letter (id, service, subject, message_id, payload, headers, reason, error, deliveries, created_at, notice_id)
        SELECT id, 'notifier', 'notify.' || channel, id, '', '{}', 'notice', error, attempts, coalesce(sent_at, created_at), id FROM notices.notice
        WHERE status = 'dead' AND error IS DISTINCT FROM 'what it held is over';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM engine.dead_letter WHERE notice_id IS NOT NULL; ALTER TABLE engine.dead_letter DROP COLUMN notice_id');
  }
}

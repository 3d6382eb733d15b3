import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A schedule that can not be looked at rings nothing and owes nothing that anybody could see: since when that is so, and an alert that tells it. */
export class StalledSchedules1766000000012 implements MigrationInterface {
  readonly name = 'StalledSchedules1766000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Of the first look in a row that failed; means nothing while there is no last_error.
      ALTER TABLE engine.schedule ADD COLUMN error_since timestamptz;
      UPDATE engine.schedule SET error_since = engine.clock() WHERE last_error IS NOT NULL;
      CREATE INDEX schedule_stalled ON engine.schedule (error_since) WHERE last_error IS NOT NULL;
      ALTER TABLE engine.alert DROP CONSTRAINT alert_kind_check, ADD CONSTRAINT alert_kind_check CHECK (kind IN ('failing', 'late', 'missed', 'stalled', 'backlog', 'silent', 'dead-letters'));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM engine.alert WHERE kind = 'stalled';
      ALTER TABLE engine.alert DROP CONSTRAINT alert_kind_check, ADD CONSTRAINT alert_kind_check CHECK (kind IN ('failing', 'late', 'missed', 'backlog', 'silent', 'dead-letters'));
      DROP INDEX engine.schedule_stalled;
      ALTER TABLE engine.schedule DROP COLUMN error_since;
    `);
  }
}

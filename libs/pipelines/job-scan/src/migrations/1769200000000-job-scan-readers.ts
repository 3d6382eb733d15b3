/** Boards remember which version of their reader read them, and a match that says nothing new can be decided as that. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class JobScanReaders1769200000000 implements MigrationInterface {
  readonly name = 'JobScanReaders1769200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Unknown for what was read until now, so it is read once more.
      ALTER TABLE job_scan.source ADD COLUMN read_by text;
      ALTER TABLE job_scan.alert DROP CONSTRAINT alert_decision_check;
      ALTER TABLE job_scan.alert ADD CONSTRAINT alert_decision_check CHECK (decision IN ('posting', 'run', 'day', 'baseline', 'cosmetic', 'muted', 'elsewhere', 'below', 'nobody'));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The nearest that there was: it is not told, and it is not to be told later either.
      UPDATE job_scan.alert SET decision = 'baseline' WHERE decision = 'cosmetic';
      ALTER TABLE job_scan.alert DROP CONSTRAINT alert_decision_check;
      ALTER TABLE job_scan.alert ADD CONSTRAINT alert_decision_check CHECK (decision IN ('posting', 'run', 'day', 'baseline', 'muted', 'elsewhere', 'below', 'nobody'));
      ALTER TABLE job_scan.source DROP COLUMN read_by;
    `);
  }
}

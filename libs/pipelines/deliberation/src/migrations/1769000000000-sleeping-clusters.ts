/** A cluster that no group of a run continues falls asleep instead of ending, and may wake in a later run. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class SleepingClusters1769000000000 implements MigrationInterface {
  readonly name = 'SleepingClusters1769000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deliberation.cluster
        -- The run that no group of continued it, and when: its members are those that left it in that run.
        ADD COLUMN dormant_run_id uuid,
        ADD COLUMN dormant_at timestamptz,
        DROP CONSTRAINT cluster_status_check,
        ADD CONSTRAINT cluster_status_check CHECK (status IN ('open', 'dormant', 'archived')),
        ADD CONSTRAINT cluster_dormant_check CHECK ((status = 'dormant') = (dormant_at IS NOT NULL) AND (dormant_at IS NULL) = (dormant_run_id IS NULL));
      CREATE INDEX cluster_dormant ON deliberation.cluster (id) WHERE status = 'dormant';
      CREATE INDEX cluster_membership_left ON deliberation.cluster_membership (cluster_id, left_run_id) WHERE left_at IS NOT NULL;
      ALTER TABLE deliberation.cluster_change
        DROP CONSTRAINT cluster_change_kind_check,
        ADD CONSTRAINT cluster_change_kind_check CHECK (kind IN ('birth', 'match', 'split', 'merge', 'death', 'sleep', 'wake'));
    `);
  }

  /** What sleeps has ended, as it would have before. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE deliberation.cluster_change SET kind = CASE kind WHEN 'sleep' THEN 'death' ELSE 'match' END WHERE kind IN ('sleep', 'wake');
      ALTER TABLE deliberation.cluster_change
        DROP CONSTRAINT cluster_change_kind_check,
        ADD CONSTRAINT cluster_change_kind_check CHECK (kind IN ('birth', 'match', 'split', 'merge', 'death'));
      ALTER TABLE deliberation.cluster DROP CONSTRAINT cluster_dormant_check;
      UPDATE deliberation.cluster SET status = 'archived', archived_at = dormant_at WHERE status = 'dormant';
      ALTER TABLE deliberation.cluster
        DROP CONSTRAINT cluster_status_check,
        ADD CONSTRAINT cluster_status_check CHECK (status IN ('open', 'archived'));
      DROP INDEX deliberation.cluster_dormant, deliberation.cluster_membership_left;
      ALTER TABLE deliberation.cluster DROP COLUMN dormant_run_id, DROP COLUMN dormant_at;
    `);
  }
}

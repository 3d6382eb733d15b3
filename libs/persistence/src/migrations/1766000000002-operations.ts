import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operating the house needs: headers of promised messages, who handled a dead letter, alerts, and indexes that keep looking cheap. */
export class Operations1766000000002 implements MigrationInterface {
  readonly name = 'Operations1766000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Null for most: the trace that a message belongs to, and what a re-driven message carried.
      ALTER TABLE engine.outbox ADD COLUMN headers jsonb;

      ALTER TABLE engine.dead_letter ADD COLUMN redriven_times int NOT NULL DEFAULT 0, ADD COLUMN handled_by text;
      CREATE INDEX dead_letter_closed ON engine.dead_letter (greatest(redriven_at, discarded_at)) WHERE redriven_at IS NOT NULL OR discarded_at IS NOT NULL;

      -- What differs for one schedule from the settings: {afterFailures, everyFurther, lateAfterMs, recipient, channel}.
      ALTER TABLE engine.schedule ADD COLUMN alerts jsonb;
      CREATE INDEX schedule_failing ON engine.schedule (failures_in_row) WHERE failures_in_row > 0;
      CREATE INDEX occurrence_missed ON engine.occurrence (decided_at) WHERE outcome IN ('expired', 'coalesced');
      CREATE INDEX occurrence_late ON engine.occurrence (decided_at) WHERE outcome = 'ran' AND decided_at - scheduled_for > interval '10 seconds';

      CREATE TABLE engine.alert (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('failing', 'late', 'missed', 'backlog', 'silent', 'dead-letters')),
        -- A schedule's id, a pipeline's name, or 'engine'.
        subject text NOT NULL,
        pipeline text,
        scope text,
        run_id uuid,
        detail jsonb NOT NULL DEFAULT '{}',
        -- How bad it was when it was last told: failures in a row.
        told int NOT NULL DEFAULT 0,
        -- The newest decision that this episode covers; what was decided later is news.
        seen_through timestamptz,
        opened_at timestamptz NOT NULL DEFAULT engine.clock(),
        closed_at timestamptz,
        closed_because text
      );
      CREATE UNIQUE INDEX alert_open ON engine.alert (kind, subject) WHERE closed_at IS NULL;
      CREATE INDEX alert_seen ON engine.alert (kind, subject, seen_through DESC);
      CREATE INDEX alert_history ON engine.alert (opened_at DESC, id DESC);

      CREATE INDEX notice_troubled ON notices.notice (status) WHERE status IN ('uncertain', 'dead');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX notices.notice_troubled;
      DROP TABLE engine.alert;
      DROP INDEX engine.occurrence_late; DROP INDEX engine.occurrence_missed; DROP INDEX engine.schedule_failing; DROP INDEX engine.dead_letter_closed;
      ALTER TABLE engine.schedule DROP COLUMN alerts;
      ALTER TABLE engine.dead_letter DROP COLUMN redriven_times, DROP COLUMN handled_by;
      ALTER TABLE engine.outbox DROP COLUMN headers;
    `);
  }
}

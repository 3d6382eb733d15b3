import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Notices are taken many at once, in the order of each recipient's line. `due_at` stays what whoever filed the notice said, so that the line keeps its order; a failed attempt waits
 * until `retry_at`. A mailbox is one address on one channel: when it may be written to next, and whether anybody is there.
 */
export class Delivery1768300000000 implements MigrationInterface {
  readonly name = 'Delivery1768300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE notices.notice
        ADD COLUMN urgent boolean NOT NULL DEFAULT false,
        ADD COLUMN retry_at timestamptz,
        ADD COLUMN possibly_repeated boolean NOT NULL DEFAULT false,
        ADD COLUMN digest_id uuid,
        ADD COLUMN redriven_times int NOT NULL DEFAULT 0,
        ADD COLUMN trace text,
        DROP COLUMN nudged_at,
        DROP CONSTRAINT notice_status_check,
        ADD CONSTRAINT notice_status_check CHECK (status IN ('queued', 'sending', 'sent', 'dry-run', 'uncertain', 'failed', 'dead', 'undeliverable'));
      DROP INDEX notices.notice_open;
      CREATE INDEX notice_ready ON notices.notice (channel, urgent DESC, due_at, id) WHERE status IN ('queued', 'failed');
      CREATE INDEX notice_line ON notices.notice (channel, recipient, urgent DESC, due_at, id) WHERE status IN ('queued', 'failed');
      CREATE INDEX notice_of_recipient ON notices.notice (recipient, created_at DESC, id DESC);
      CREATE INDEX notice_of_run ON notices.notice (run_id) WHERE run_id IS NOT NULL;
      DROP INDEX notices.notice_troubled;
      CREATE INDEX notice_troubled ON notices.notice (status) WHERE status IN ('uncertain', 'dead', 'undeliverable');

      ALTER TABLE notices.address ADD COLUMN digest_from int CHECK (digest_from >= 0);
      CREATE TABLE notices.mailbox (
        channel text NOT NULL,
        address text NOT NULL,
        free_at timestamptz NOT NULL,
        -- When the latest messages went there, the oldest first; only where so many in so long are allowed.
        recent timestamptz[] NOT NULL DEFAULT '{}',
        closed_at timestamptz,
        closed_because text,
        PRIMARY KEY (channel, address)
      );
      CREATE INDEX mailbox_closed ON notices.mailbox (closed_at) WHERE closed_at IS NOT NULL;
      -- From when on a channel has room for one more message, over all notifiers.
      CREATE TABLE notices.pace (channel text PRIMARY KEY, next_at timestamptz NOT NULL);
      INSERT INTO notices.pace VALUES ('telegram', engine.clock()), ('email', engine.clock()), ('slack', engine.clock());
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE notices.pace; DROP TABLE notices.mailbox;
      ALTER TABLE notices.address DROP COLUMN digest_from;
      UPDATE notices.notice SET status = 'dead' WHERE status = 'undeliverable';
      DROP INDEX notices.notice_troubled; DROP INDEX notices.notice_of_run; DROP INDEX notices.notice_of_recipient; DROP INDEX notices.notice_line; DROP INDEX notices.notice_ready;
      CREATE INDEX notice_troubled ON notices.notice (status) WHERE status IN ('uncertain', 'dead');
      CREATE INDEX notice_open ON notices.notice (due_at) WHERE status IN ('queued', 'failed');
      ALTER TABLE notices.notice
        DROP COLUMN urgent, DROP COLUMN retry_at, DROP COLUMN possibly_repeated, DROP COLUMN digest_id, DROP COLUMN redriven_times, DROP COLUMN trace, ADD COLUMN nudged_at timestamptz,
        DROP CONSTRAINT notice_status_check, ADD CONSTRAINT notice_status_check CHECK (status IN ('queued', 'sending', 'sent', 'dry-run', 'uncertain', 'failed', 'dead'));
    `);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ids of notices are in order of time, so lists go by them, and their age needs no order of its own: each version of a notice enters one index less, and one that is smaller. */
export class NoticeLists1769600000000 implements MigrationInterface {
  readonly name = 'NoticeLists1769600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX notices.notice_history;
      -- Where what is old lies, for the sweep.
      CREATE INDEX notice_age ON notices.notice USING brin (created_at);
      DROP INDEX notices.notice_of_recipient;
      CREATE INDEX notice_of_recipient ON notices.notice (recipient, id DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX notices.notice_of_recipient;
      CREATE INDEX notice_of_recipient ON notices.notice (recipient, created_at DESC, id DESC);
      DROP INDEX notices.notice_age;
      CREATE INDEX notice_history ON notices.notice (created_at DESC, id DESC);
    `);
  }
}

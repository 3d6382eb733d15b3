/** Daily roots are told to witnesses outside of the house, and what they answered is kept. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class Witnesses1768100000000 implements MigrationInterface {
  readonly name = 'Witnesses1768100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deliberation.root_publication (
        day date NOT NULL REFERENCES deliberation.evidence_root (day),
        witness text NOT NULL,
        attempts int NOT NULL DEFAULT 0,
        next_attempt_at timestamptz,
        published_at timestamptz,
        receipt text,
        last_error text,
        PRIMARY KEY (day, witness),
        CHECK ((published_at IS NULL) = (next_attempt_at IS NOT NULL) AND (published_at IS NULL) = (receipt IS NULL))
      )`);
    await runner.query('CREATE INDEX root_publication_due ON deliberation.root_publication (witness, next_attempt_at) WHERE published_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deliberation.root_publication');
  }
}

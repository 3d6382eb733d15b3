/** Summaries and options keep the version of the prompt that they were asked with, as candidates do. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class PromptVersions1768100000001 implements MigrationInterface {
  readonly name = 'PromptVersions1768100000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deliberation.cluster ADD COLUMN prompt_version text');
    await runner.query('ALTER TABLE deliberation.policy_option ADD COLUMN prompt_version text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deliberation.policy_option DROP COLUMN prompt_version');
    await runner.query('ALTER TABLE deliberation.cluster DROP COLUMN prompt_version');
  }
}

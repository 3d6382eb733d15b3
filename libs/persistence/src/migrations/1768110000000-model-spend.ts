/** What language models were paid, so that budgets hold over all processes and a run says what it cost. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class ModelSpend1768110000000 implements MigrationInterface {
  readonly name = 'ModelSpend1768110000000';

  async up(runner: QueryRunner): Promise<void> {
    // A sum for each day, run and model, not a row for each call: budgets are asked before every call.
    await runner.query(`
      CREATE TABLE engine.model_spend (
        pipeline text NOT NULL,
        day date NOT NULL,
        run_id uuid NOT NULL,
        purpose text NOT NULL,
        provider text NOT NULL,
        model text NOT NULL,
        calls bigint NOT NULL,
        input_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        cost_usd numeric(20,10) NOT NULL,
        unpriced_calls bigint NOT NULL,
        PRIMARY KEY (pipeline, day, run_id, purpose, provider, model)
      )`);
    await runner.query('CREATE INDEX model_spend_run ON engine.model_spend (run_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE engine.model_spend');
  }
}

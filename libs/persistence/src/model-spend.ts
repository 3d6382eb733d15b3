/**
 * What language models were paid: added up per UTC day, run and model, over all processes. Money is decimal here; a budget is compared in the database too, so no sum of
 * cents goes through a binary fraction.
 */
import type { DataSource, EntityManager } from 'typeorm';

/** For whom a model was asked. Calls at a front door belong to no run. */
export interface SpendPlace {
  pipeline: string;
  runId?: string;
}

export interface PaidCall {
  purpose: string;
  provider: string;
  model: string;
  inputTokens: number;
  outputTokens: number;
  /** US dollars; 0 for a model without a price. */
  costUsd: number;
  priced: boolean;
}

/** One model in one run. `costUsd` is decimal text, such as `0.0123400000`. */
export interface ModelSpendLine {
  purpose: string;
  provider: string;
  model: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: string;
  unpricedCalls: number;
}

/** Stands where a call belongs to no run: a key can not hold null. */
const NO_RUN = '00000000-0000-0000-0000-000000000000';

export async function recordModelCall(manager: EntityManager, { pipeline, runId = NO_RUN }: SpendPlace, call: PaidCall): Promise<void> {
  await manager.query(
    `INSERT INTO engine.model_spend AS known (pipeline, day, run_id, purpose, provider, model, calls, input_tokens, output_tokens, cost_usd, unpriced_calls)
     VALUES ($1, (engine.clock() AT TIME ZONE 'UTC')::date, $2, $3, $4, $5, 1, $6, $7, $8, $9)
     ON CONFLICT (pipeline, day, run_id, purpose, provider, model) DO UPDATE SET calls = known.calls + 1, input_tokens = known.input_tokens + excluded.input_tokens,
       output_tokens = known.output_tokens + excluded.output_tokens, cost_usd = known.cost_usd + excluded.cost_usd, unpriced_calls = known.unpriced_calls + excluded.unpriced_calls`,
    // Ten places hold a token of the cheapest model; what a float adds beyond them is noise.
    [pipeline, runId, call.purpose, call.provider, call.model, call.inputTokens, call.outputTokens, call.costUsd.toFixed(10), call.priced ? 0 : 1],
  );
}

export interface SpendSoFar {
  /** US dollars of the run on all of its days; 0 when no run was named. */
  runUsd: number;
  /** US dollars of the pipeline today (UTC), runs and front doors together. */
  dayUsd: number;
}

export async function spentOnModels(manager: EntityManager, { pipeline, runId = NO_RUN }: SpendPlace): Promise<SpendSoFar> {
  const [row] = await manager.query<{ run: string; day: string }[]>(
    `SELECT (SELECT coalesce(sum(cost_usd), 0) FROM engine.model_spend WHERE run_id = $2 AND pipeline = $1 AND $2 <> '${NO_RUN}') AS run,
            (SELECT coalesce(sum(cost_usd), 0) FROM engine.model_spend WHERE pipeline = $1 AND day = (engine.clock() AT TIME ZONE 'UTC')::date) AS day`,
    [pipeline, runId],
  );
  return { runUsd: Number(row?.run ?? 0), dayUsd: Number(row?.day ?? 0) };
}

/** The same as one value, for a meter that obeys a budget. */
export class ModelSpendLedger {
  constructor(
    private readonly dataSource: DataSource,
    private readonly place: SpendPlace,
  ) {}

  record(call: PaidCall, transaction: EntityManager = this.dataSource.manager): Promise<void> {
    return recordModelCall(transaction, this.place, call);
  }

  soFar(): Promise<SpendSoFar> {
    return spentOnModels(this.dataSource.manager, this.place);
  }
}

/** What a run asked of models, the dearest first. */
export async function modelSpendOfRun(dataSource: DataSource, runId: string): Promise<ModelSpendLine[]> {
  const rows = await dataSource.manager.query<(Omit<ModelSpendLine, 'calls' | 'inputTokens' | 'outputTokens' | 'unpricedCalls'> & Record<'calls' | 'inputTokens' | 'outputTokens' | 'unpricedCalls', string>)[]>(
    `SELECT purpose, provider, model, sum(calls) AS calls, sum(input_tokens) AS "inputTokens", sum(output_tokens) AS "outputTokens", sum(cost_usd)::text AS "costUsd", sum(unpriced_calls) AS "unpricedCalls"
     FROM engine.model_spend WHERE run_id = $1 GROUP BY purpose, provider, model ORDER BY sum(cost_usd) DESC, purpose, model`,
    [runId],
  );
  return rows.map((row) => ({ ...row, calls: Number(row.calls), inputTokens: Number(row.inputTokens), outputTokens: Number(row.outputTokens), unpricedCalls: Number(row.unpricedCalls) }));
}

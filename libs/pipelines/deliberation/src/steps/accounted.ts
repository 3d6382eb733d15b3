/** What a step spent on models goes into its counts, so that a run's history says what it cost. */
import type { StepContext, StepOutcome } from '@carillon/engine';
import type { DeliberationServices } from '../services.js';

/** Does the step's work and adds `llmCalls`, `llmInputTokens`, `llmOutputTokens` and `llmCostMicroUsd` (millionths of a US dollar) when a model was asked. */
export async function accounted(context: StepContext<DeliberationServices>, work: (context: StepContext<DeliberationServices>) => Promise<StepOutcome>): Promise<StepOutcome> {
  const meter = context.services.meter(context.run.id);
  const before = meter?.spent;
  const outcome = await work(context);
  if (meter === undefined || before === undefined || outcome.kind !== 'done' || meter.spent.calls === before.calls) return outcome;
  const { calls, inputTokens, outputTokens, costUsd } = meter.spent;
  const spent = {
    llmCalls: calls - before.calls,
    llmInputTokens: inputTokens - before.inputTokens,
    llmOutputTokens: outputTokens - before.outputTokens,
    llmCostMicroUsd: Math.round((costUsd - before.costUsd) * 1e6),
  };
  return { ...outcome, counts: { ...outcome.counts, ...spent } };
}

/**
 * What was spent on models, and where it must stop. A budget is a brake and not a fence: calls already in flight finish, so a run may
 * overshoot by as many calls as are made at once.
 */
import { BudgetExhausted } from './errors.js';

/** Tokens and money of one call. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars; 0 when the model has no price. */
  readonly costUsd: number;
  /** False when the model has no price, so that 0 is not mistaken for free. */
  readonly priced: boolean;
  /** True when the server sent no usage and the tokens are a guess of one per four characters. */
  readonly estimated: boolean;
}

/** Absent limits do not limit. */
export interface Budget {
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
}

/** The sum of all recorded calls. */
export interface Spend {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Calls to models without a price, which `costUsd` leaves out. */
  readonly unpricedCalls: number;
}

/** Who was asked, and for which kind of work. */
export interface ModelCall {
  /** The tier of the configuration. */
  readonly purpose: string;
  readonly provider: string;
  readonly model: string;
}

/**
 * Where calls are counted. Every answered call counts, also one whose answer was of no use: it was paid for. Both are promises, since a count
 * that several processes share is kept outside of them.
 */
export interface SpendMeter {
  /** What was recorded with this very meter. */
  readonly spent: Spend;
  /** @param transaction of the store in which a shared count is kept, when the answer is kept in it too */
  record(usage: Usage, call: ModelCall, transaction?: unknown): Promise<void>;
  /** Called before every attempt. @throws BudgetExhausted when a limit is reached */
  assertWithinBudget(): Promise<void>;
}

export const NOTHING_SPENT: Spend = { calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, unpricedCalls: 0 };

/** The sum after one more call. */
export function addUsage(spent: Spend, usage: Usage): Spend {
  return {
    calls: spent.calls + 1,
    inputTokens: spent.inputTokens + usage.inputTokens,
    outputTokens: spent.outputTokens + usage.outputTokens,
    costUsd: spent.costUsd + usage.costUsd,
    unpricedCalls: spent.unpricedCalls + (usage.priced ? 0 : 1),
  };
}

/** Counts in this process alone, and forgets with it. */
export class LocalSpendMeter implements SpendMeter {
  #spent = NOTHING_SPENT;

  constructor(private readonly budget: Budget = {}) {}

  get spent(): Spend {
    return this.#spent;
  }

  record(usage: Usage): Promise<void> {
    this.#spent = addUsage(this.#spent, usage);
    return Promise.resolve();
  }

  async assertWithinBudget(): Promise<void> {
    const { budgetTokens, budgetUsd } = this.budget;
    const tokens = this.#spent.inputTokens + this.#spent.outputTokens;
    const overTokens = budgetTokens !== undefined && tokens >= budgetTokens;
    const overCost = budgetUsd !== undefined && this.#spent.costUsd >= budgetUsd;
    if (!overTokens && !overCost) return;
    throw new BudgetExhausted(
      { tokens, costUsd: this.#spent.costUsd },
      { ...(budgetTokens === undefined ? {} : { tokens: budgetTokens }), ...(budgetUsd === undefined ? {} : { costUsd: budgetUsd }) },
    );
  }
}

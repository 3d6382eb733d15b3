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

const NOTHING_SPENT: Spend = { calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, unpricedCalls: 0 };

/** The sum after one more call. */
function addUsage(spent: Spend, usage: Usage): Spend {
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

/** A count that several processes share, kept outside of them. Money in US dollars. */
export interface SpendLedger {
  /** @param transaction of the ledger's store, when what was paid for is kept in it too */
  record(call: ModelCall & Usage, transaction?: unknown): Promise<void>;
  /** Of the run that the calls belong to, 0 when they belong to none, and of the day (UTC). */
  soFar(): Promise<{ readonly runUsd: number; readonly dayUsd: number }>;
}

/** Absent limits do not limit. */
export interface SharedBudget {
  readonly perRunUsd?: number | undefined;
  readonly perDayUsd?: number | undefined;
}

/** Obeys one budget with every process that counts in the same ledger. That is asked before every call, which takes a millisecond where a call takes seconds. */
export class SharedSpendMeter implements SpendMeter {
  #spent = NOTHING_SPENT;

  constructor(
    private readonly ledger: SpendLedger,
    private readonly budget: SharedBudget,
  ) {}

  get spent(): Spend {
    return this.#spent;
  }

  async record(usage: Usage, call: ModelCall, transaction?: unknown): Promise<void> {
    this.#spent = addUsage(this.#spent, usage);
    await this.ledger.record({ ...call, ...usage }, transaction);
  }

  async assertWithinBudget(): Promise<void> {
    const { perRunUsd, perDayUsd } = this.budget;
    if (perRunUsd === undefined && perDayUsd === undefined) return;
    const { runUsd, dayUsd } = await this.ledger.soFar();
    const tokens = this.#spent.inputTokens + this.#spent.outputTokens;
    if (perRunUsd !== undefined && runUsd >= perRunUsd) throw new BudgetExhausted({ tokens, costUsd: runUsd }, { costUsd: perRunUsd }, 'of this run');
    if (perDayUsd !== undefined && dayUsd >= perDayUsd) throw new BudgetExhausted({ tokens, costUsd: dayUsd }, { costUsd: perDayUsd }, 'of this day');
  }
}

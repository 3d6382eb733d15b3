/**
 * The count of what models cost, kept in the database: intake and schedulers, however many there are, obey one budget. It is asked before every call, which takes a
 * millisecond where a call takes seconds.
 */
import { addUsage, BudgetExhausted, NOTHING_SPENT } from '@carillon/language';
import type { ModelCall, Spend, SpendMeter, Usage } from '@carillon/language';
import { recordModelCall, spentOnModels } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { DeliberationSettings } from '../settings.js';

const PIPELINE = 'deliberation';

export class SharedSpendMeter implements SpendMeter {
  #spent = NOTHING_SPENT;

  /** @param runId absent for calls that belong to no run: they count to the day alone */
  constructor(private readonly given: { dataSource: DataSource; settings: DeliberationSettings; runId?: string }) {}

  get spent(): Spend {
    return this.#spent;
  }

  async record(usage: Usage, call: ModelCall, transaction: EntityManager = this.given.dataSource.manager): Promise<void> {
    this.#spent = addUsage(this.#spent, usage);
    await recordModelCall(transaction, this.#place, { ...call, ...usage });
  }

  async assertWithinBudget(): Promise<void> {
    const { llmBudgetUsdPerRun: perRun, llmBudgetUsdPerDay: perDay } = this.given.settings;
    if ((perRun === undefined || this.given.runId === undefined) && perDay === undefined) return;
    const { runUsd, dayUsd } = await spentOnModels(this.given.dataSource.manager, this.#place);
    const tokens = this.#spent.inputTokens + this.#spent.outputTokens;
    if (perRun !== undefined && this.given.runId !== undefined && runUsd >= perRun) throw new BudgetExhausted({ tokens, costUsd: runUsd }, { costUsd: perRun }, 'of this run');
    if (perDay !== undefined && dayUsd >= perDay) throw new BudgetExhausted({ tokens, costUsd: dayUsd }, { costUsd: perDay }, 'of this day');
  }

  get #place() {
    const { runId } = this.given;
    return { pipeline: PIPELINE, ...(runId !== undefined && { runId }) };
  }
}

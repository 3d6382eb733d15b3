/** What reading times costs, counted in the database: however many processes there are, they obey one budget. */
import { addUsage, BudgetExhausted, NOTHING_SPENT } from '@carillon/language';
import type { ModelCall, Spend, SpendMeter, Usage } from '@carillon/language';
import { recordModelCall, spentOnModels } from '@carillon/persistence';
import type { DataSource } from 'typeorm';

const PLACE = { pipeline: 'memory' };

export class DailySpendMeter implements SpendMeter {
  #spent = NOTHING_SPENT;

  /** @param budgetUsd of a day in UTC; undefined is no limit */
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgetUsd: number | undefined,
  ) {}

  get spent(): Spend {
    return this.#spent;
  }

  async record(usage: Usage, call: ModelCall): Promise<void> {
    this.#spent = addUsage(this.#spent, usage);
    await recordModelCall(this.dataSource.manager, PLACE, { ...call, ...usage });
  }

  async assertWithinBudget(): Promise<void> {
    if (this.budgetUsd === undefined) return;
    const { dayUsd } = await spentOnModels(this.dataSource.manager, PLACE);
    if (dayUsd >= this.budgetUsd) throw new BudgetExhausted({ tokens: this.#spent.inputTokens + this.#spent.outputTokens, costUsd: dayUsd }, { costUsd: this.budgetUsd }, 'of this day');
  }
}

/**
 * Every failure of this library. None of them carries a key, a prompt or an answer: errors end up in logs and in the run history, and a
 * server's error text may quote both. So the server's own error is reduced to its status and code instead of being kept as `cause`.
 */

/** What to do after a failed call: wait and try again, try again at once, or leave this model. */
export type Remedy = 'retry_later' | 'retry_now' | 'give_up';

/** One call to one model failed. */
export class ModelCallFailed extends Error {
  override readonly name = 'ModelCallFailed';

  /**
   * @param retryAfterMs what the server asked for, in milliseconds, when it did
   * @param reached false when the server was never reached or never finished answering (connection, timeout)
   */
  constructor(
    readonly model: string,
    readonly provider: string,
    readonly problem: string,
    readonly remedy: Remedy,
    readonly reached: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(`${model} at ${provider}: ${problem}`);
  }
}

/** Every model of a tier failed. `errors` holds one {@link ModelCallFailed} per attempt, in order. */
export class AllModelsFailed extends AggregateError {
  override readonly name = 'AllModelsFailed';
  declare readonly errors: ModelCallFailed[];

  constructor(
    readonly purpose: string,
    failures: readonly ModelCallFailed[],
  ) {
    super(failures, `no model answered for "${purpose}" after ${failures.length} attempt(s): ${failures.map((failure) => failure.message).join('; ')}. Check the server, the key and the quota, or go on with the local provider`);
  }
}

/** What may be spent on models is spent, by a run or in a day. The caller goes on with the local provider. */
export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted';

  constructor(
    readonly spent: { readonly tokens: number; readonly costUsd: number },
    readonly budget: { readonly tokens?: number; readonly costUsd?: number },
    /** Whose budget: "of this run", "of this day". */
    readonly whose = '',
  ) {
    const limits = [budget.tokens === undefined ? [] : [`${budget.tokens} tokens`], budget.costUsd === undefined ? [] : [`${budget.costUsd} USD`]].flat().join(' and ');
    super(`the budget${whose === '' ? '' : ` ${whose}`} of ${limits} is spent (${spent.tokens} tokens, ${spent.costUsd.toFixed(4)} USD): raise it, or go on with the local provider`);
  }
}

/** The configuration of the models contradicts itself. */
export class InvalidModelConfig extends Error {
  override readonly name = 'InvalidModelConfig';
}

/** The embedding worker died while calls were waiting; the next call starts a new one. */
export class EmbeddingWorkerCrashed extends Error {
  override readonly name = 'EmbeddingWorkerCrashed';

  constructor(problem: string, options?: ErrorOptions) {
    super(`the embedding worker ${problem}; call again, the next call starts a new worker`, options);
  }
}

/** An embedder was used after `close()`. */
export class EmbedderClosed extends Error {
  override readonly name = 'EmbedderClosed';

  constructor(model: string) {
    super(`the embedder ${model} is closed: make a new one`);
  }
}

/** Bytes that can not be a vector. */
export class InvalidVector extends Error {
  override readonly name = 'InvalidVector';
}

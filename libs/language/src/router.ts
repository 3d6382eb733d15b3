/**
 * Sends a prompt to the right model and survives its bad days. A tier (a name from the configuration) has a primary and a fallback model;
 * each is tried a few times, and the caller learns which model answered and what it cost. Prompts belong to the pipelines.
 */
import type { AttemptPolicy, Effects } from './attempts.js';
import { attemptPolicy, firstAnswer, withAttempts } from './attempts.js';
import { bodyOf, completionOf, readJson, unusable } from './completion.js';
import type { Completion, CompletionRequest, JsonRequest } from './completion.js';
import { CompletionBatches } from './completion-batches.js';
import type { Limiter } from './limiter.js';
import { limiter } from './limiter.js';
import type { LanguageConfig } from './model-config.js';
import { checkModelConfig, known } from './model-config.js';
import { callModel, ModelServers } from './model-server.js';
import type { Budget, SpendMeter } from './spend-meter.js';
import { LocalSpendMeter } from './spend-meter.js';
import type { Tape } from './tape.js';

export class LanguageRouter {
  readonly #servers: ModelServers;
  readonly #policy: AttemptPolicy;
  readonly #limit: Limiter;

  /** @throws InvalidModelConfig */
  constructor(
    private readonly config: LanguageConfig,
    private readonly effects: Effects & { readonly tape?: Tape } = {},
  ) {
    checkModelConfig(config);
    this.#servers = new ModelServers(config, effects.now ?? Date.now);
    this.#limit = limiter(config.concurrency ?? Infinity);
    this.#policy = attemptPolicy(config, effects, true);
  }

  /** The tier's way to ask much at once for less, undefined where its server has none; what comes from a tape is not asked for. @throws InvalidModelConfig for an unknown tier */
  batches(tier: string): CompletionBatches | undefined {
    const { primary } = known('tier', tier, this.config.tiers);
    const entry = known('model', primary, this.config.models);
    const offer = known('server', entry.server, this.config.servers).batches;
    return offer === undefined || this.effects.tape ? undefined : new CompletionBatches({ target: this.#servers.target(primary), entry, offer });
  }

  /** A count in this process; pass it with every call that it is to count. */
  meter(budget: Budget = {}): SpendMeter {
    return new LocalSpendMeter(budget);
  }

  /**
   * The text of the first model that answers.
   *
   * @throws AllModelsFailed with one cause per attempt; BudgetExhausted before an attempt that the meter's budget no longer allows;
   * InvalidModelConfig for an unknown tier; the signal's reason when aborted
   */
  complete(request: CompletionRequest): Promise<Completion> {
    return this.#ask(request, (completion) => completion);
  }

  /** As {@link complete}, with the JSON found in the answer and read by `read`. An answer without it is a failed attempt. */
  completeJson<T>(request: JsonRequest<T>): Promise<Completion & { readonly value: T }> {
    return this.#ask(request, (completion) => ({ ...completion, value: readJson(completion, request) }));
  }

  async #ask<T>(request: CompletionRequest, accept: (completion: Completion) => T): Promise<T> {
    const tier = known('tier', request.tier, this.config.tiers);
    const models = tier.fallback === undefined || tier.fallback === tier.primary ? [tier.primary] : [tier.primary, tier.fallback];
    return firstAnswer(request.tier, models, (model, failures) =>
      withAttempts(this.#policy, failures, async () => accept(await this.#limit(() => this.#call(model, request))), request.signal),
    );
  }

  async #call(model: string, request: CompletionRequest): Promise<Completion> {
    await request.meter?.assertWithinBudget();
    const entry = known('model', model, this.config.models);
    const body = bodyOf(model, entry, request);
    const ask = (): Promise<unknown> => callModel(this.#servers.target(model), (client, options) => client.chat.completions.create(body, options), request.signal);
    const answer = await (this.effects.tape ? this.effects.tape.answer(body, ask) : ask());
    const completion = completionOf(answer, { model, entry, asked: (request.system ?? '') + request.prompt });
    await request.meter?.record(completion.usage, { purpose: request.tier, provider: entry.server, model });
    if (completion.text.trim() === '') throw unusable(completion, 'an empty answer');
    return completion;
  }
}

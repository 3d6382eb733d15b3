/**
 * Reads submissions, with a model where one is configured and by rules where not. A model that fails is the caller's to know: the submission
 * waits and is read again. A budget that is spent is not a failure: the local reader takes over, and the result says so.
 */
import type { StepLog } from '@carillon/engine';
import { BudgetExhausted, detectLanguage, redactForModel } from '@carillon/language';
import type { LanguageRouter, SpendMeter } from '@carillon/language';
import type { DeliberationSettings } from '../settings.js';
import { readLocally } from './local-reading.js';
import { readModelAnswer } from './model-reading.js';
import { CANONICALIZATION_PROMPT_VERSION, promptFor } from './prompt.js';
import type { Reading } from './reading.js';
import { storable } from './safe-text.js';

export interface ReadOptions {
  /** Where the spend counts, and whose budget is obeyed. */
  readonly meter?: SpendMeter | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Leaves the model out, as for a text that models failed on too often. */
  readonly locally?: boolean;
}

export class Canonicalizer {
  constructor(private readonly given: { settings: DeliberationSettings; log: StepLog; router?: LanguageRouter }) {}

  /** @throws AllModelsFailed when a model is configured and none answered; the signal's reason when aborted */
  async read(text: string, options: ReadOptions = {}): Promise<Reading> {
    const { router } = this.given;
    if (router === undefined || options.locally === true) return readLocally(text);
    try {
      return await this.#askModel(router, text, options);
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error;
      this.given.log.warn({ spentUsd: error.spent.costUsd }, 'the budget for models is spent: the local reader takes over');
      return readLocally(text);
    }
  }

  async #askModel(router: LanguageRouter, text: string, { meter, signal }: ReadOptions): Promise<Reading> {
    const language = detectLanguage(text);
    const { settings } = this.given;
    const { value, provider, model } = await router.completeJson({
      tier: 'canonicalization',
      prompt: promptFor(redactForModel(storable(text)), language),
      temperature: settings.llmDefaultTemperature,
      maxTokens: settings.llmDefaultMaxTokens,
      read: readModelAnswer,
      ...(meter && { meter }),
      ...(signal && { signal }),
    });
    const reader = { provider, modelVersion: model, promptVersion: CANONICALIZATION_PROMPT_VERSION };
    if (value.valid) return { usable: true, language, reader, candidates: value.candidates };
    return { usable: false, language, reader, reasonCode: 'not_policy', ...(value.reason !== undefined && { reason: value.reason }) };
  }
}

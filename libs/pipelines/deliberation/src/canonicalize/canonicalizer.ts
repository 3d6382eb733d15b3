/**
 * Reads submissions, with a model where one is configured and by rules where not. A model that fails is the caller's to know: the submission
 * waits and is read again. A budget that is spent is not a failure: the local reader takes over, and the result says so.
 */
import type { StepLog } from '@carillon/engine';
import { addressesAModel, BudgetExhausted, detectLanguage, redactForModel } from '@carillon/language';
import type { LanguageRouter, SpendMeter } from '@carillon/language';
import { READ_SUBMISSION, submissionPrompt } from '../prompts/read-submission.js';
import type { DeliberationSettings } from '../settings.js';
import { readLocally } from './local-reading.js';
import { readModelAnswer } from './model-reading.js';
import { ADDRESSES_A_MODEL } from './reading.js';
import type { CandidateDraft, Reading } from './reading.js';
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
    if (router === undefined || options.locally === true) return this.#readLocally(text);
    try {
      return await this.#askModel(router, text, options);
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error;
      this.given.log.warn({ spentUsd: error.spent.costUsd }, 'the budget for models is spent: the local reader takes over');
      return this.#readLocally(text);
    }
  }

  #readLocally(text: string): Reading {
    const reading = readLocally(text);
    return reading.usable ? { ...reading, candidates: flagged(text, reading.candidates) } : reading;
  }

  async #askModel(router: LanguageRouter, text: string, { meter, signal }: ReadOptions): Promise<Reading> {
    const language = detectLanguage(text);
    const { settings } = this.given;
    const { value, provider, model } = await router.completeJson({
      tier: 'canonicalization',
      system: READ_SUBMISSION.text,
      prompt: submissionPrompt(redactForModel(storable(text)), language),
      temperature: settings.llmDefaultTemperature,
      maxTokens: settings.llmDefaultMaxTokens,
      read: readModelAnswer,
      ...(meter && { meter }),
      ...(signal && { signal }),
    });
    const reader = { provider, modelVersion: model, promptVersion: READ_SUBMISSION.version };
    if (value.valid) return { usable: true, language, reader, candidates: flagged(text, value.candidates) };
    return { usable: false, language, reader, reasonCode: 'not_policy', ...(value.reason !== undefined && { reason: value.reason }) };
  }
}

function flagged(text: string, candidates: readonly CandidateDraft[]): readonly CandidateDraft[] {
  if (!addressesAModel(text)) return candidates;
  return candidates.map((draft) => ({ ...draft, ambiguityFlags: [...draft.ambiguityFlags.filter((flag) => flag !== ADDRESSES_A_MODEL), ADDRESSES_A_MODEL] }));
}

/**
 * The language models of memory, asked when an operator named them and the day's budget allows it. Whatever is the matter with one, the answer is undefined and its caller goes on without: nothing that
 * people write waits for a model.
 */
import { localTime } from '@carillon/calendar';
import type { StepLog } from '@carillon/engine';
import { asData, BudgetExhausted, LanguageRouter, redactForModel, SharedSpendMeter } from '@carillon/language';
import type { JsonRequest, LanguageConfig, PromptTemplate } from '@carillon/language';
import { ModelSpendLedger } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import type { MemoryModelSettings } from './settings.js';

/** What a model may be asked for: a time in words, what a note means, what an image shows. */
export type ModelWork = 'times' | 'notes' | 'images';

/** Who read something; kept in the audit of what was made with it. */
export interface ModelReader {
  provider: string;
  model: string;
  prompt_version: string;
}

export interface ModelQuestion<T> extends Pick<JsonRequest<T>, 'read' | 'images'> {
  work: ModelWork;
  template: PromptTemplate;
  /** The user message: data, see {@link dataFor}. */
  prompt: string;
  /** Tokens of the answer. */
  maxTokens: number;
}

export class MemoryModel {
  private readonly router: LanguageRouter | undefined;
  private readonly works: ReadonlySet<string>;

  constructor(private readonly given: { dataSource: DataSource; settings?: MemoryModelSettings | undefined; log: StepLog }) {
    const config = given.settings && configOf(given.settings);
    this.works = new Set(Object.keys(config?.tiers ?? {}));
    this.router = config && this.works.size > 0 ? new LanguageRouter(config) : undefined;
  }

  /** Whether an operator wants a model asked for it. */
  does(work: ModelWork): boolean {
    return this.works.has(work);
  }

  /** Whether the day's budget allows another call. */
  async isSpent(): Promise<boolean> {
    try {
      await this.meter().assertWithinBudget();
      return false;
    } catch (error) {
      if (error instanceof BudgetExhausted) return true;
      throw error;
    }
  }

  /** Undefined when there is no such model, it fails, it does not answer what it was asked, or the budget is spent. */
  async ask<T>({ work, template, ...question }: ModelQuestion<T>): Promise<{ value: T; reader: ModelReader } | undefined> {
    if (!this.router || !this.does(work)) return undefined;
    try {
      const { value, provider, model } = await this.router.completeJson({ ...question, tier: work, system: template.text, temperature: 0, meter: this.meter() });
      return { value, reader: { provider, model, prompt_version: template.version } };
    } catch (error) {
      // The words themselves are nobody's but the writer's, so the log has the error's name alone.
      this.given.log.warn({ work, error: (error as Error).name }, error instanceof BudgetExhausted ? 'what language models may cost today is spent: the rules are alone' : 'the language model gave no answer that can be used');
      return undefined;
    }
  }

  private meter(): SharedSpendMeter {
    return new SharedSpendMeter(new ModelSpendLedger(this.given.dataSource, { pipeline: 'memory' }), { perDayUsd: this.given.settings?.memoryLlmBudgetUsdPerDay });
  }
}

/** The user message: one JSON document, without addresses and telephone numbers, and with what the writer's clock shows. */
export function dataFor(texts: Readonly<Record<string, string>>, now: Date, timeZone: string): string {
  const weekday = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long' }).format(now);
  return asData({ ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, shownToModel(text)])), now: localTime(now, timeZone).slice(0, 16), weekday, zone: timeZone });
}

export const shownToModel = (text: string): string => redactForModel(text.replace(/\p{Surrogate}/gu, '\uFFFD'));

/** One attempt: somebody waits, and may say it otherwise. */
function configOf(settings: MemoryModelSettings): LanguageConfig | undefined {
  const { memoryLlmBaseUrl: baseUrl, memoryLlmApiKey: apiKey, memoryLlmModel: text, memoryLlmVisionModel: vision } = settings;
  if (baseUrl === undefined) return undefined;
  return {
    servers: { memory: { baseUrl, ...(apiKey !== undefined && { apiKey }) } },
    models: { ...(vision !== undefined && { [vision]: modelOf(settings.memoryLlmVisionPrice ?? (vision === text ? settings.memoryLlmPrice : undefined)) }), ...(text !== undefined && { [text]: modelOf(settings.memoryLlmPrice) }) },
    tiers: { ...(text !== undefined && { times: { primary: text }, ...(settings.memoryLlmReads === 'notes' && { notes: { primary: text } }) }), ...(vision !== undefined && { images: { primary: vision } }) },
    ...{ maxRetries: 1, timeoutMs: 1_000 * settings.memoryLlmTimeoutSeconds, concurrency: 4 },
  };
}

function modelOf(price: string | undefined): LanguageConfig['models'][string] {
  const [inputPerMillionUsd = 0, outputPerMillionUsd = 0] = price?.split('/').map(Number) ?? [];
  return { server: 'memory', ...(price !== undefined && { price: { inputPerMillionUsd, outputPerMillionUsd } }) };
}

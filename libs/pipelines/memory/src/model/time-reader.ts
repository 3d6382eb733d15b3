/**
 * Reads a time in somebody's words: by rules, and by a language model where the rules do not know and an operator named one. What was written is data to the model; of its answer a time of
 * the clock and words that stand in the text are taken, and nothing else. Whatever is the matter with the model, what remains is what the rules say.
 */
import { resolve } from 'node:path';
import { instantOfLocal, localTime, readSpokenTime } from '@carillon/calendar';
import type { SpokenTime } from '@carillon/calendar';
import type { StepLog } from '@carillon/engine';
import { asData, BudgetExhausted, LanguageRouter, readPrompt, redactForModel } from '@carillon/language';
import type { LanguageConfig } from '@carillon/language';
import type { DataSource } from 'typeorm';
import type { MemoryModelSettings } from './settings.js';
import { DailySpendMeter } from './spend-meter.js';

export const READ_TIME = readPrompt(resolve(import.meta.dirname, '../../prompts/read-time.txt'));

/** Who read a time; kept in the audit of what was made with it. */
export interface TimeReader {
  provider: string;
  model: string;
  prompt_version: string;
}

export type ReadTime = SpokenTime & { reader?: TimeReader };

/** Tokens of the answer, which is one line. */
const ANSWER_TOKENS = 200;
/** A longer text is a story, and not a time. */
const LONGEST = 500;
const FURTHEST_MS = 10 * 366 * 86_400_000;

export class TimesInWords {
  private readonly router: LanguageRouter | undefined;

  constructor(private readonly given: { dataSource: DataSource; settings?: MemoryModelSettings | undefined; log: StepLog }) {
    const config = given.settings && configOf(given.settings);
    this.router = config && new LanguageRouter(config);
  }

  /** What `/status` says of it. */
  async state(): Promise<'none' | 'ready' | 'spent'> {
    if (!this.router) return 'none';
    try {
      await this.meter().assertWithinBudget();
      return 'ready';
    } catch (error) {
      if (error instanceof BudgetExhausted) return 'spent';
      throw error;
    }
  }

  /** @param asked whether the text is known to be about a time; a note that happens to name none is nobody's question */
  async read(text: string, now: Date, timeZone: string, asked: boolean): Promise<ReadTime | undefined> {
    return readSpokenTime(text, now, timeZone) ?? (asked ? this.askModel(text.trim(), now, timeZone) : undefined);
  }

  private async askModel(text: string, now: Date, timeZone: string): Promise<ReadTime | undefined> {
    if (!this.router || text === '' || text.length > LONGEST) return undefined;
    try {
      const { value, provider, model } = await this.router.completeJson({
        ...{ tier: 'times', system: READ_TIME.text, prompt: timePrompt(text, now, timeZone), temperature: 0, maxTokens: ANSWER_TOKENS, meter: this.meter() },
        read: (answer) => readAnswer(answer, text, now, timeZone),
      });
      return value && { ...value, reader: { provider, model, prompt_version: READ_TIME.version } };
    } catch (error) {
      // The words themselves are nobody's but the writer's, so the log has the error's name alone.
      this.given.log.warn({ error: (error as Error).name }, error instanceof BudgetExhausted ? 'what reading times may cost today is spent: the rules are alone' : 'the language model could not read a time');
      return undefined;
    }
  }

  private meter(): DailySpendMeter {
    return new DailySpendMeter(this.given.dataSource, this.given.settings?.memoryLlmBudgetUsdPerDay);
  }
}

/** The user message: one JSON document, without addresses and telephone numbers. */
export function timePrompt(text: string, now: Date, timeZone: string): string {
  const weekday = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long' }).format(now);
  return asData({ text: redactForModel(text.replace(/\p{Surrogate}/gu, '\uFFFD')), now: localTime(now, timeZone).slice(0, 16), weekday, zone: timeZone });
}

/** Undefined when the model found no time. @throws Error when it is not what was asked for */
export function readAnswer(answer: unknown, text: string, now: Date, timeZone: string): SpokenTime | undefined {
  const { time, words } = (answer ?? {}) as { time?: unknown; words?: unknown };
  if (time === null) return undefined;
  if (typeof time !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(time)) throw new Error('the time is none');
  const at = instantOfLocal(time, timeZone);
  if (at.getTime() > now.getTime() + FURTHEST_MS || at.getTime() < now.getTime() - 366 * 86_400_000) throw new Error('the time is too far away');
  if (typeof words !== 'string' || words.trim() === '' || !text.includes(words)) throw new Error('the words are not those of the text');
  return { at, saidTime: true, words, rest: text.replace(words, ' ').replace(/\s+/g, ' ').trim() };
}

/** One attempt: somebody waits, and may say it otherwise. */
function configOf({ memoryLlmBaseUrl: baseUrl, memoryLlmApiKey: apiKey, memoryLlmModel: model, memoryLlmPrice: price, memoryLlmTimeoutSeconds: seconds }: MemoryModelSettings): LanguageConfig | undefined {
  if (baseUrl === undefined || model === undefined) return undefined;
  const [input = 0, output = 0] = price?.split('/').map(Number) ?? [];
  return {
    servers: { memory: { baseUrl, ...(apiKey !== undefined && { apiKey }) } },
    models: { [model]: { server: 'memory', ...(price !== undefined && { price: { inputPerMillionUsd: input, outputPerMillionUsd: output } }) } },
    tiers: { times: { primary: model } },
    ...{ maxRetries: 1, timeoutMs: 1_000 * seconds, concurrency: 4 },
  };
}

/**
 * Reads a time in somebody's words: by rules, and by a language model where the rules do not know and an operator named one. What was written is data to the model; of its answer a time of
 * the clock and words that stand in the text are taken, and nothing else. Whatever is the matter with the model, what remains is what the rules say.
 */
import { resolve } from 'node:path';
import { instantOfLocal, readSpokenTime } from '@carillon/calendar';
import type { SpokenTime } from '@carillon/calendar';
import { readPrompt } from '@carillon/language';
import { dataFor } from './memory-model.js';
import type { MemoryModel, ModelReader } from './memory-model.js';

export const READ_TIME = readPrompt(resolve(import.meta.dirname, '../../prompts/read-time.txt'));

export type ReadTime = SpokenTime & { reader?: ModelReader };

/** Tokens of the answer, which is one line. */
const ANSWER_TOKENS = 200;
/** A longer text is a story, and not a time. */
const LONGEST = 500;
const FURTHEST_MS = 10 * 366 * 86_400_000;

export class TimesInWords {
  constructor(private readonly model: MemoryModel) {}

  /** @param asked whether the text is known to be about a time; a note that happens to name none is nobody's question */
  async read(text: string, now: Date, timeZone: string, asked: boolean): Promise<ReadTime | undefined> {
    return readSpokenTime(text, now, timeZone) ?? (asked ? this.askModel(text.trim(), now, timeZone) : undefined);
  }

  private async askModel(text: string, now: Date, timeZone: string): Promise<ReadTime | undefined> {
    if (text === '' || text.length > LONGEST) return undefined;
    const answer = await this.model.ask({ work: 'times', template: READ_TIME, prompt: dataFor({ text }, now, timeZone), maxTokens: ANSWER_TOKENS, read: (found) => readAnswer(found, text, now, timeZone) });
    return answer?.value && { ...answer.value, reader: answer.reader };
  }
}

/** Undefined when the model found no time. @throws Error when it is not what was asked for */
export function readAnswer(answer: unknown, text: string, now: Date, timeZone: string): SpokenTime | undefined {
  const { time, words } = (answer ?? {}) as { time?: unknown; words?: unknown };
  if (time === null) return undefined;
  const at = readInstant(time, now, timeZone);
  if (typeof words !== 'string' || words.trim() === '' || !text.includes(words)) throw new Error('the words are not those of the text');
  return { at, saidTime: true, words, rest: text.replace(words, ' ').replace(/\s+/g, ' ').trim() };
}

/** @throws Error when it is no time of the clock, or one that nobody means */
export function readInstant(time: unknown, now: Date, timeZone: string): Date {
  if (typeof time !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(time)) throw new Error('the time is none');
  const at = instantOfLocal(time, timeZone);
  if (at.getTime() > now.getTime() + FURTHEST_MS || at.getTime() < now.getTime() - 366 * 86_400_000) throw new Error('the time is too far away');
  return at;
}

/**
 * What a model makes of a text that the rules make nothing of. It chooses among what the bot can propose, and of its answer only that is taken: words of the text, a time of the clock, one short question, tags. So the most that
 * an attack in the text can do is to propose something wrong to the one who wrote it.
 */
import { resolve } from 'node:path';
import { readPrompt } from '@carillon/language';
import type { Intent } from '../rules/read-intent.js';
import { readTags } from '../rules/suggest-tags.js';
import { dataFor } from './memory-model.js';
import type { MemoryModel, ModelReader } from './memory-model.js';
import { readInstant } from './time-reader.js';

export const READ_NOTE = readPrompt(resolve(import.meta.dirname, '../../prompts/read-note.txt'));

/** A question that was asked, and what came back. */
export interface FollowUp {
  question: string;
  answer: string;
}

export interface ReadNote {
  intent: Intent;
  /** For a note alone. */
  tags: string[];
}

const ANSWER_TOKENS = 400;
/** A longer text is a note, and nobody's question. */
const LONGEST = 2_000;
const LONGEST_QUESTION = 200;

export class NotesInWords {
  constructor(private readonly model: MemoryModel) {}

  /** Undefined without a model, and whatever is the matter with it. */
  async read(text: string, now: Date, timeZone: string, followUp?: FollowUp): Promise<(ReadNote & { reader: ModelReader }) | undefined> {
    const shown = followUp === undefined ? text : `${text}\n${followUp.answer}`;
    if (shown.trim() === '' || shown.length > LONGEST) return undefined;
    const prompt = dataFor({ text, ...(followUp && { question: followUp.question, answer: followUp.answer }) }, now, timeZone);
    const answer = await this.model.ask({ work: 'notes', template: READ_NOTE, prompt, maxTokens: ANSWER_TOKENS, read: (found) => readNoteAnswer(found, shown, now, timeZone, followUp === undefined) });
    return answer && { ...answer.value, reader: answer.reader };
  }
}

/** @param mayAsk a question may be asked back; after one, what is still unclear is a note. @throws Error when it is not what was asked for */
export function readNoteAnswer(answer: unknown, text: string, now: Date, timeZone: string, mayAsk: boolean): ReadNote {
  const { intent, what, time, keywords, question, tags } = (answer ?? {}) as Record<string, unknown>;
  switch (intent) {
    case 'reminder':
    case 'task': {
      const at = time === null || time === undefined ? undefined : readInstant(time, now, timeZone);
      // Words that are not theirs are put into nobody's mouth: then it is the whole text.
      const own = typeof what === 'string' && what.trim() !== '' && text.includes(what) ? what.trim() : text.trim();
      return { intent: { intent, what: own, ...(at && { time: { at, past: at <= now } }) }, tags: [] };
    }
    case 'search': {
      const words = Array.isArray(keywords) ? keywords.filter((word): word is string => typeof word === 'string' && word.trim() !== '' && text.toLowerCase().includes(word.trim().toLowerCase())).slice(0, 10) : [];
      if (words.length === 0) throw new Error('no word of the text is looked for');
      return { intent: { intent, query: words.map((word) => word.trim()).join(' ') }, tags: [] };
    }
    case 'ambiguous':
      return { intent: mayAsk ? { intent, what: text.trim(), question: readQuestion(question) } : { intent: 'note' }, tags: [] };
    case 'note':
      return { intent: { intent }, tags: readTags(tags) };
    default:
      throw new Error('the intent is none');
  }
}

/** It is shown to the person as a question of the bot, so it leads nowhere and is short. @throws Error */
function readQuestion(question: unknown): string {
  const line = typeof question === 'string' ? question.replace(/\s+/g, ' ').trim() : '';
  if (line.length < 3 || Array.from(line).length > LONGEST_QUESTION || /\p{Cc}|\p{Surrogate}|:\/\/|\bwww\.|@|\b[\p{L}\p{N}-]+\.(?:com|org|net|io|me|ru|info|xyz)\b/iu.test(line)) throw new Error('the question is none that can be shown');
  return line;
}

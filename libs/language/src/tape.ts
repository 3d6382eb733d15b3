/**
 * Answers of models in a file: recorded once, played back instead of asking. For specs and demonstrations that need no network and no key, and to see again what a prompt led to.
 *
 * A tape is JSON lines: `{"key","model","text","usage":{"prompt_tokens","completion_tokens"}}`. The key stands for the whole question, so a changed prompt is not on the tape; the question
 * itself is not kept.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { CompletionBody } from './completion.js';

export interface Tape {
  /** What the server says to the body, or said. @param ask asks the server; a tape that is played never does */
  answer(body: CompletionBody, ask: () => Promise<unknown>): Promise<unknown>;
}

/** A played tape has no answer to a question. Nobody is asked instead, and no other model: the tape has to be recorded anew. */
export class NotOnTape extends Error {
  override readonly name = 'NotOnTape';
  constructor(path: string, key: string, model: string) {
    super(`the tape ${path} has no answer of "${model}" to the question ${key}: the prompt or what it is about has changed since; record it anew`);
  }
}

interface Line {
  key: string;
  model: string;
  text: string;
  usage: { prompt_tokens?: number; completion_tokens?: number };
}

/** Plays a file that {@link recordingTape} wrote; the last answer to a question counts. @throws when it cannot be read, with the line */
export function playedTape(path: string): Tape {
  const lines = readFileSync(path, 'utf8').split('\n');
  const answers = new Map(lines.flatMap((line, index) => (line.trim() === '' ? [] : [read(path, line, index + 1)])).map((line) => [line.key, line]));
  return {
    answer: async (body) => {
      const key = keyOf(body);
      const found = answers.get(key);
      if (!found) throw new NotOnTape(path, key, body.model);
      return { choices: [{ message: { content: found.text } }], usage: found.usage };
    },
  };
}

/** Asks, and appends each answer to the file before it is used. */
export function recordingTape(path: string): Tape {
  let written: Promise<void> = Promise.resolve();
  return {
    answer: async (body, ask) => {
      const answer = await ask();
      const line: Line = { key: keyOf(body), model: body.model, text: contentOf(answer), usage: usageOf(answer) };
      // One after the other: two appends at once may mix their bytes.
      written = written.catch(() => undefined).then(() => appendFile(path, `${JSON.stringify(line)}\n`));
      await written;
      return answer;
    },
  };
}

/** First 16 hexadecimal digits of the SHA-256 of what is sent. */
const keyOf = (body: CompletionBody): string => createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);

function read(path: string, line: string, number: number): Line {
  try {
    const value = JSON.parse(line) as Line;
    if (typeof value.key === 'string' && typeof value.text === 'string') return value;
  } catch {
    // Told below, with its place.
  }
  throw new Error(`${path}, line ${number} is no recorded answer: expected {"key":"…","model":"…","text":"…","usage":{…}}`);
}

const contentOf = (answer: unknown): string => (answer as { choices?: { message?: { content?: unknown } }[] } | null)?.choices?.[0]?.message?.content?.toString() ?? '';
const usageOf = (answer: unknown): Line['usage'] => {
  const { prompt_tokens, completion_tokens } = (answer as { usage?: Line['usage'] } | null)?.usage ?? {};
  return { ...(prompt_tokens !== undefined && { prompt_tokens }), ...(completion_tokens !== undefined && { completion_tokens }) };
};

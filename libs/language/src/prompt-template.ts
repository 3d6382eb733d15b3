/**
 * Prompts are files, one each, so that a change of wording is seen as one. The file is the system message as it stands; what strangers wrote goes into the user message and nowhere
 * else, as one JSON document. The files are the pipelines'.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface PromptTemplate {
  readonly text: string;
  /** First 16 hexadecimal digits of the SHA-256 of the file, stored with every result: the same for everything that was made with it. */
  readonly version: string;
}

export function readPrompt(path: string): PromptTemplate {
  const text = readFileSync(path, 'utf8');
  return { text, version: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

/**
 * Data for a model, as JSON. Strings can not end early, and angle brackets are escaped: some servers take the marks of their chat protocol for what they say, wherever they
 * stand.
 */
export function asData(value: object): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`).replaceAll('>', String.raw`\u003e`);
}

/** What a model sees in an image: a sentence that is shown to the person, and tags that are suggested. An operator names the model; without one no image leaves the house. */
import { resolve } from 'node:path';
import { asData, readPrompt } from '@carillon/language';
import { imageKind } from '../media.js';
import { readTags } from '../rules/suggest-tags.js';
import { shownToModel } from './memory-model.js';
import type { MemoryModel } from './memory-model.js';

export const READ_IMAGE = readPrompt(resolve(import.meta.dirname, '../../prompts/read-image.txt'));

export interface SeenImage {
  description: string;
  tags: string[];
}

const ANSWER_TOKENS = 300;
const LONGEST_DESCRIPTION = 300;

export class ImagesInWords {
  constructor(
    private readonly model: MemoryModel,
    private readonly mostBytes: number,
  ) {}

  /** Undefined without a model, for an image that is too large or of no known kind, and whatever is the matter with the model. */
  async read(bytes: Uint8Array, caption: string | null): Promise<SeenImage | undefined> {
    const type = imageKind(bytes)?.type;
    if (type === undefined || bytes.byteLength > this.mostBytes) return undefined;
    return (await this.model.ask({ work: 'images', template: READ_IMAGE, prompt: asData({ caption: shownToModel(caption ?? '') }), images: [{ type, bytes }], maxTokens: ANSWER_TOKENS, read: readImageAnswer }))?.value;
  }
}

/** @throws Error when it is not what was asked for */
export function readImageAnswer(answer: unknown): SeenImage {
  const { description, tags } = (answer ?? {}) as Record<string, unknown>;
  const line = typeof description === 'string' ? description.replace(/\s+/g, ' ').trim() : '';
  if (line === '' || Array.from(line).length > LONGEST_DESCRIPTION || /\p{Cc}|\p{Surrogate}|:\/\/|\bwww\./iu.test(line)) throw new Error('the description is none that can be shown');
  return { description: line, tags: readTags(tags) };
}

/** Where this pipeline's prompts are. */
import { resolve } from 'node:path';
import { readPrompt } from '@carillon/language';
import type { PromptTemplate } from '@carillon/language';

export { asData } from '@carillon/language';
export type { PromptTemplate } from '@carillon/language';

/** What is stored where no prompt was used. */
export const NO_PROMPT = 'none';

/** The same place seen from the sources and from the build. */
export const promptTemplate = (name: 'read-submission' | 'summarize-group' | 'propose-options'): PromptTemplate => readPrompt(resolve(import.meta.dirname, `../../prompts/${name}.txt`));

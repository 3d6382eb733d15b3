/** How a model is asked to read one submission. */
import { asData, promptTemplate } from './template.js';

export const READ_SUBMISSION = promptTemplate('read-submission');

/** @param redactedText without addresses and numbers */
export function submissionPrompt(redactedText: string, language: string): string {
  return asData({ language, text: redactedText });
}

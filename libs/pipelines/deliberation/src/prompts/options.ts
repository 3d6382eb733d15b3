/** How a model is asked for the options of a ballot question. */
import { redactForModel } from '@carillon/language';
import type { Localized } from '../entities-groups.js';
import { readLocalized } from './summary.js';
import { asData, promptTemplate } from './template.js';

export interface OptionAnswer {
  label: Localized;
  description: Localized;
}

export const PROPOSE_OPTIONS = promptTemplate('propose-options');

export function optionsPrompt({ question, summary }: { question: Localized; summary: Localized }): string {
  return asData({ question: redactForModel(question.en), summary: redactForModel(summary.en) });
}

/** Reads a model's answer: the first four options; throws when there are fewer than two, one is not complete in English, or two are the same. */
export function readOptions(value: unknown): OptionAnswer[] {
  if (!Array.isArray(value) || value.length < 2) throw new TypeError('2 to 4 options are needed');
  const options = value.slice(0, 4).map((option) => ({ label: readLocalized(option, 'label', 255, PROPOSE_OPTIONS), description: readLocalized(option, 'description', 4_000, PROPOSE_OPTIONS) }));
  const labels = new Set(options.map(({ label }) => label.en.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim()));
  if (labels.size < options.length || labels.has('')) throw new TypeError('options must be distinct: a choice between the same is none');
  return options;
}

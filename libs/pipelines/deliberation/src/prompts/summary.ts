/**
 * How a model is asked to summarise a group of concerns. The concerns are data, never instructions: they travel as JSON, in random order, with addresses and numbers
 * removed, and without anything that tells who wrote them.
 */
import { redactForModel } from '@carillon/language';
import { storable } from '../canonicalize/safe-text.js';
import type { Localized } from '../entities-groups.js';
import { leadsElsewhere, leaks } from './harmless.js';
import { asData, promptTemplate } from './template.js';
import type { PromptTemplate } from './template.js';

export interface ConcernText {
  title: string;
  summary: string;
  stance: string;
}

export interface SummaryAnswer {
  title: Localized;
  summary: Localized;
  question: Localized;
}

/** A larger group is represented by so many of its members, drawn at random. */
const MOST_CONCERNS = 100;

export const SUMMARIZE_GROUP = promptTemplate('summarize-group');

/** @param shuffle puts the members into an order that tells nothing; from a cryptographic source in production */
export function summaryPrompt(members: readonly ConcernText[], shuffle: <T>(items: readonly T[]) => T[]): string {
  const shown = shuffle(members)
    .slice(0, MOST_CONCERNS)
    .map(({ title, summary, stance }) => ({ title: redactForModel(title), summary: redactForModel(summary), stance }));
  return asData(shown);
}

/** Reads a model's answer; throws when English is missing anywhere, or something leads its readers elsewhere. */
export function readSummary(value: unknown): SummaryAnswer {
  const read = (name: string, maxLength: number): Localized => readLocalized(value, name, maxLength, SUMMARIZE_GROUP);
  return { title: read('title', 120), summary: read('summary', 2_000), question: read('question', 1_000) };
}

/** A non-empty English text and, when there is one, a Persian text. */
export function readLocalized(value: unknown, name: string, maxLength: number, { text: template }: PromptTemplate): Localized {
  const texts = property(value, name);
  const en = readText(property(texts, 'en'), maxLength);
  if (en === undefined) throw new TypeError(`"${name}.en" must be a text of 1 to ${maxLength} characters`);
  const fa = readText(property(texts, 'fa'), maxLength);
  // Thousands read this as the question of the house: it is refused whole, not mended.
  for (const text of [en, fa ?? '']) if (leadsElsewhere(text) || leaks(text, template)) throw new TypeError(`"${name}" holds a link, an address, a number to call, an invisible character or the instructions`);
  return fa === undefined ? { en } : { en, fa };
}

function readText(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = storable(value).trim();
  return text === '' || text.length > maxLength ? undefined : text;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}

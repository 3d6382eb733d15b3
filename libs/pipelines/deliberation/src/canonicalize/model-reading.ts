/** Makes a reading of what a model answered. Models leave fields out, rename values and nest what should be flat; none of that loses a submission. */
import type { Stance } from '../entities-intake.js';
import type { CandidateDraft } from './reading.js';
import { leaks, withoutHarm } from '../prompts/harmless.js';
import { READ_SUBMISSION } from '../prompts/read-submission.js';
import { cut, storable } from './safe-text.js';

export const TITLE_LENGTH = 255;
/** A submission that lists more concerns than this is not one person's submission any more. */
export const MAX_CANDIDATES = 5;
const SUMMARY_LENGTH = 2_000;
const LOW_CONFIDENCE = 0.7;

export type ModelAnswer = { valid: true; candidates: CandidateDraft[] } | { valid: false; reason: string | undefined };

/**
 * Reads the JSON object of the prompt. A missing `is_valid_policy` means valid; candidate fields directly on the object mean one candidate.
 * @throws TypeError when it is no such object, which makes the answer a failed attempt
 */
export function readModelAnswer(value: unknown): ModelAnswer {
  const answer = objectOf(value);
  if (answer['is_valid_policy'] === false) return { valid: false, reason: textOf(answer['rejection_reason'], SUMMARY_LENGTH) };
  const listed = Array.isArray(answer['candidates']) ? answer['candidates'] : [answer];
  const candidates = listed.slice(0, MAX_CANDIDATES).map((candidate: unknown) => draftOf(objectOf(candidate)));
  if (candidates.length === 0) throw new TypeError('a valid submission without a candidate');
  return { valid: true, candidates };
}

function draftOf(fields: Record<string, unknown>): CandidateDraft {
  const title = textOf(fields['title'], TITLE_LENGTH);
  const summary = textOf(fields['summary'], SUMMARY_LENGTH);
  if (title === undefined && summary === undefined) throw new TypeError('a candidate without title and summary');
  const confidence = confidenceOf(fields['confidence']);
  const flags = new Set(textsOf(fields['ambiguity_flags']));
  if (confidence < LOW_CONFIDENCE) flags.add('low_confidence');
  return {
    title: title ?? 'Untitled policy candidate',
    summary: summary ?? title ?? '',
    stance: stanceOf(fields['stance']),
    entities: textsOf(fields['entities']),
    topicWords: textsOf(fields['topic_words']),
    confidence,
    ambiguityFlags: [...flags],
  };
}

const STANCES: Readonly<Record<string, Stance>> = {
  ...{ support: 'support', supportive: 'support', supporting: 'support', favor: 'support', in_favor: 'support' },
  ...{ oppose: 'oppose', opposed: 'oppose', opposing: 'oppose', against: 'oppose' },
  neutral: 'neutral',
};

function stanceOf(value: unknown): Stance {
  return (typeof value === 'string' ? STANCES[value.trim().toLowerCase()] : undefined) ?? 'unclear';
}

/** A model that does not say how sure it is, is not. */
function confidenceOf(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? Math.min(1, Math.max(0, number)) : 0;
}

/** Strings, or objects with a `text` field, trimmed, without blanks and repetitions. */
function textsOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  const texts = items.map((item) => textOf(typeof item === 'object' && item !== null && 'text' in item ? item.text : item, TITLE_LENGTH));
  return [...new Set(texts.filter((text) => text !== undefined))].slice(0, 20);
}

function textOf(value: unknown, length: number): string | undefined {
  const text = typeof value === 'string' ? withoutHarm(storable(value)).trim() : '';
  if (leaks(text, READ_SUBMISSION.text)) throw new TypeError('the answer repeats its instructions');
  return text === '' ? undefined : cut(text, length);
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not a JSON object');
  return value as Record<string, unknown>;
}

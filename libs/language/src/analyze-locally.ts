/**
 * The canonicalizer of a house without a network: reads a submission by rules, in English and Persian. It is deterministic, it never
 * invents a word, and it says how sure it is, so that a model may do better later.
 */
import { isCivicWord } from './civic-words.js';
import type { TextLanguage } from './detect-language.js';
import { detectLanguage } from './detect-language.js';
import { entitiesOf } from './entities.js';
import { summaryOf, titleOf } from './headline.js';
import { redactForModel } from './privacy.js';
import type { RejectReason } from './reject-reason.js';
import { rejectReason } from './reject-reason.js';
import { splitConcerns } from './split-concerns.js';
import type { Stance } from './stance.js';
import { stanceOf } from './stance.js';
import { contentWords, stemOf } from './words.js';

/** What makes a reading doubtful. */
export type AmbiguityFlag = 'low_confidence' | 'unread_language' | 'no_public_topic' | 'several_concerns' | 'stance_unclear';

/** A submission that a deliberation can use. Title and summary are in the language of the text. */
export interface UsableText {
  readonly usable: true;
  readonly language: TextLanguage;
  /** 5 to 15 words where the text has them. */
  readonly title: string;
  /** 1 to 3 sentences. */
  readonly summary: string;
  readonly stance: Stance;
  readonly entities: readonly string[];
  /** Up to 6 words, most frequent first. */
  readonly topicWords: readonly string[];
  /** 0 to 1; under 0.7 it is flagged `low_confidence`. */
  readonly confidence: number;
  readonly ambiguityFlags: readonly AmbiguityFlag[];
}

/** A submission that a deliberation can not use, and why. */
export interface UnusableText {
  readonly usable: false;
  readonly language: TextLanguage;
  readonly reason: RejectReason;
}

/** The model name to store with what {@link analyzeLocally} gives; changes when the rules do. */
export const localAnalysisModel = 'local-rules-2';

const longestText = 20_000;
const lowConfidence = 0.7;
const mostTopicWords = 6;

/** Reads one submission, of which the first 20,000 characters count. E-mail addresses and phone numbers never reach title or summary. */
export function analyzeLocally(text: string): UsableText | UnusableText {
  const read = text.slice(0, longestText).replace(/\p{Surrogate}/gu, '\ufffd');
  const language = detectLanguage(read);
  const reason = rejectReason(read, language);
  if (reason !== undefined) return { usable: false, language, reason };
  const safe = redactForModel(read);
  const stance = stanceOf(safe);
  const { confidence, flags } = judge(safe, language, stance);
  return {
    usable: true,
    language,
    title: titleOf(safe),
    summary: summaryOf(safe),
    stance,
    entities: entitiesOf(safe),
    topicWords: topicWordsOf(safe),
    confidence,
    ambiguityFlags: flags,
  };
}

function judge(text: string, language: TextLanguage, stance: Stance): { confidence: number; flags: AmbiguityFlag[] } {
  const content = contentWords(text);
  const civic = content.filter(isCivicWord).length;
  const flags: AmbiguityFlag[] = [];
  let confidence = 0.55;
  if (civic > 0) confidence += 0.15;
  else flags.push('no_public_topic');
  if (civic > 1) confidence += 0.05;
  if (stance === 'unclear') flags.push('stance_unclear');
  else confidence += 0.1;
  confidence += content.length >= 4 ? 0.1 : -0.1;
  if (splitConcerns(text).length > 1) {
    flags.push('several_concerns');
    confidence -= 0.2;
  }
  if (language === 'other') {
    flags.push('unread_language');
    confidence = Math.min(confidence, 0.3);
  }
  // Whole hundredths, so that a sum of tenths is not 0.7000000000000001 in the record.
  confidence = Math.round(confidence * 100) / 100;
  if (confidence < lowConfidence) flags.unshift('low_confidence');
  return { confidence, flags };
}

function topicWordsOf(text: string): string[] {
  const counts = new Map<string, { word: string; count: number }>();
  for (const word of contentWords(text)) {
    if (word === 'redacted') continue;
    const entry = counts.get(stemOf(word));
    if (entry) entry.count += 1;
    else counts.set(stemOf(word), { word, count: isCivicWord(word) ? 1.5 : 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).slice(0, mostTopicWords).map(({ word }) => word);
}

/** The reader that needs no network: rules of the language library, one candidate for each concern that the text plainly lists. */
import { analyzeLocally, localAnalysisModel, splitConcerns } from '@carillon/language';
import type { UsableText } from '@carillon/language';
import type { CandidateDraft, Reader, Reading } from './reading.js';
import { cut, storable } from './safe-text.js';
import { MAX_CANDIDATES, TITLE_LENGTH } from './model-reading.js';

const LOCAL_READER: Reader = { provider: 'local', modelVersion: localAnalysisModel, promptVersion: 'none' };

export function readLocally(text: string): Reading {
  const whole = analyzeLocally(text);
  if (!whole.usable) return { usable: false, language: whole.language, reader: LOCAL_READER, reasonCode: whole.reason };
  const parts = splitConcerns(text);
  const concerns = parts.length === 1 ? [] : parts.map((part) => analyzeLocally(part)).filter((part): part is UsableText => part.usable);
  const candidates = (concerns.length > 0 ? concerns : [whole]).slice(0, MAX_CANDIDATES).map(draftOf);
  return { usable: true, language: whole.language, reader: LOCAL_READER, candidates };
}

function draftOf({ title, summary, stance, entities, topicWords, confidence, ambiguityFlags }: UsableText): CandidateDraft {
  return { title: cut(storable(title), TITLE_LENGTH), summary: storable(summary), stance, entities, topicWords, confidence, ambiguityFlags };
}

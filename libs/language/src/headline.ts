/**
 * A title and a summary out of the author's own sentences. Nothing is invented or translated: what stands in the title stood in the text,
 * only tidied.
 */
import { isCivicWord } from './civic-words.js';
import { isContentWord, sentencesOf, wordsOf } from './words.js';

const fewestTitleWords = 5;
const mostTitleWords = 15;
const mostSummarySentences = 3;
const longestSummary = 600;

/**
 * At most 15 words, at least 5 where the text has them: the first sentence, joined by the next when it is very short, cut at a clause when
 * it is long ("…" marks a cut in mid-clause).
 */
export function titleOf(text: string): string {
  const sentences = sentencesOf(unshouted(text)).map(tidied).filter((sentence) => sentence !== '');
  let title = sentences[0] ?? '';
  for (const next of sentences.slice(1)) {
    if (count(title) >= fewestTitleWords || count(title) + count(next) > mostTitleWords) break;
    title = `${title}; ${lowerFirst(next)}`;
  }
  return upperFirst(shortened(title));
}

/** One to three sentences of the text in their order: the first, and those that say most about public matters. */
export function summaryOf(text: string): string {
  const sentences = sentencesOf(unshouted(text));
  const weight = (sentence: string): number => new Set(wordsOf(sentence).filter(isContentWord).map((word) => (isCivicWord(word) ? `${word}!` : word))).size;
  const kept = sentences
    .map((sentence, index) => ({ sentence, index, weight: index === 0 ? Infinity : weight(sentence) }))
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
    .slice(0, mostSummarySentences)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => (/[.!?؟…]["')\]]*$/.test(sentence) ? sentence : `${sentence}.`))
    .join(' ');
  return kept.length <= longestSummary ? kept : `${kept.slice(0, longestSummary).replace(/\s+\S*$/, '')}…`;
}

/**
 * Openings that say who speaks and not what about. An interjection goes only with its comma: "No, we need it" is about a need, but "No
 * family should be homeless" is not about a family that should.
 */
const preamble = new RegExp(
  `^(?:${[
    String.raw`(?:well|so|also|and|but|or|um+|uh+|ok(?:ay)?|yes|no|please|personally|honestly|truly|hello|hi|dear all|سلام|با سلام|لطفا|لطفاً)[,،.:!]+\s*`,
    String.raw`(?:please|in my (?:humble )?opinion|it is my opinion that|به نظر من|به نظرم|من فکر می[‌ ]?کنم(?: که)?)[,،:]?\s+`,
    String.raw`i (?:really |strongly |firmly |also )?(?:think|believe|feel|would say|agree)(?: that)?[,:]?\s+`,
  ].join('|')})+`,
  'iu',
);

function tidied(sentence: string): string {
  const rest = sentence.replace(preamble, '');
  return (count(rest) >= 2 ? rest : sentence).replace(/^[\s\-–—*•·.,،;:!]+|[\s.!,،;؛:…-]+$/gu, '').replace(/([!?؟])\1+/g, '$1');
}

function shortened(title: string): string {
  const words = title.split(' ');
  if (words.length <= mostTitleWords) return title;
  const head = words.slice(0, mostTitleWords);
  for (let length = mostTitleWords; length >= shortestClause; length -= 1) {
    if (/[,،;؛:]$|^[–—-]$/u.test(head[length - 1] ?? '')) return head.slice(0, length).join(' ').replace(/[\s,،;؛:–—-]+$/u, '');
    if (clauseOpening.test(words[length] ?? '')) return `${words.slice(0, length).join(' ')}…`;
  }
  while (head.length > fewestTitleWords && dangling.test(head.at(-1) ?? '')) head.pop();
  return `${head.join(' ')}…`;
}

/** Words that a clause must have before it may stand without the rest. */
const shortestClause = 9;
const clauseOpening = /^(?:because|by|if|so|unless|when|where|which|while|who|with|without|چون|زیرا|تا|که)$/iu;
const dangling = /^(?:a|an|and|as|at|be|but|by|for|from|if|in|is|of|on|or|our|so|than|that|the|their|to|was|which|while|who|with|و|در|به|از|که|این|با|را|برای|تا|یا)$/iu;

/** A text in capitals becomes lower case with a capital per sentence; short capital words may be names and stay. */
function unshouted(text: string): string {
  const words = text.match(/\p{L}{2,}/gu) ?? [];
  const shouted = words.filter((word) => word === word.toUpperCase() && word !== word.toLowerCase()).length;
  if (words.length < 4 || shouted * 3 < words.length * 2) return text;
  return text.toLowerCase().replace(/(^|[.!?]\s+)(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

function count(text: string): number {
  return text === '' ? 0 : text.split(' ').length;
}

function upperFirst(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** Leaves names and acronyms alone: only a word with exactly one leading capital and a common opening is lowered. */
function lowerFirst(text: string): string {
  return text.replace(/^(?:A|An|The|It|This|That|We|They|There|More|Not|Our|Also|Actually|Please|Stop|Need|Build|Traffic|Better)\b/, (word) => word.toLowerCase());
}

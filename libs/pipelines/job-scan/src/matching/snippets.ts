/** The places of a posting that made it match, cut out with their surroundings. The same posting and terms always give the same snippets in the same order: that of the text. */
import type { MatchMode } from '../config/config.js';
import { TermBook, standsAt } from './terms.js';
import { tokensOf } from './tokens.js';

/** A piece of text, marked when it is what was looked for. Whoever shows it escapes it. */
export interface SnippetPart {
  text: string;
  marked: boolean;
}
export type Snippet = SnippetPart[];

interface Range {
  start: number;
  end: number;
}

const AROUND = 100;

/** At most so many, from the beginning of the text; neighbours share one. */
export function snippetsOf(text: string, terms: readonly string[], mode: MatchMode, most = 3): Snippet[] {
  const hits = rangesOf(text, terms, mode);
  const windows: { range: Range; hits: Range[] }[] = [];
  for (const hit of hits) {
    const range = { start: Math.max(0, hit.start - AROUND), end: Math.min(text.length, hit.end + AROUND) };
    const last = windows.at(-1);
    if (last && range.start <= last.range.end) {
      last.range.end = Math.max(last.range.end, range.end);
      last.hits.push(hit);
    } else if (windows.length === most) break;
    else windows.push({ range, hits: [hit] });
  }
  return windows.map((window) => cutOut(text, toWords(text, window.range), window.hits));
}

/** The whole text, with what was looked for marked. */
export function highlight(text: string, terms: readonly string[], mode: MatchMode): Snippet {
  return cutOut(text, { start: 0, end: text.length }, rangesOf(text, terms, mode));
}

/** Where terms stand, in the order of the text; of those that overlap, the one that begins first and is longest. */
export function rangesOf(text: string, terms: readonly string[], mode: MatchMode): Range[] {
  const found = mode === 'substring' ? substrings(text, terms) : phrases(text, terms);
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Range[] = [];
  for (const range of found) if (range.start >= (kept.at(-1)?.end ?? 0)) kept.push(range);
  return kept;
}

function phrases(text: string, terms: readonly string[]): Range[] {
  const book = new TermBook();
  const wanted = terms.map((term) => book.add(term, 'token'));
  const tokens = tokensOf(text);
  const words = tokens.map((token) => token.text);
  return tokens.flatMap(({ start }, at) =>
    wanted.flatMap((term) => {
      const last = tokens[at + term.words.length - 1];
      return last && standsAt(term, words, at) ? [{ start, end: last.end }] : [];
    }),
  );
}

function substrings(text: string, terms: readonly string[]): Range[] {
  const lower = text.toLowerCase();
  // A text that grows when it is lowered has its positions elsewhere; it is shown without marks.
  if (lower.length !== text.length) return [];
  return terms.flatMap((term) => {
    const ranges: Range[] = [];
    for (let at = lower.indexOf(term); at >= 0 && term !== ''; at = lower.indexOf(term, at + term.length)) ranges.push({ start: at, end: at + term.length });
    return ranges;
  });
}

/** Not in the middle of a word, unless the word is very long. */
function toWords(text: string, { start, end }: Range): Range {
  const before = start === 0 ? 0 : start + Math.max(0, text.slice(start, start + 20).search(/\s/) + 1);
  const tail = end === text.length ? 0 : /\s\S*$/.exec(text.slice(Math.max(0, end - 20), end))?.[0].length ?? 0;
  return { start: before, end: end - tail };
}

function cutOut(text: string, { start, end }: Range, hits: readonly Range[]): Snippet {
  const parts: SnippetPart[] = [];
  const push = (piece: string, marked: boolean): void => {
    if (piece !== '') parts.push({ text: piece.replaceAll(/\s+/g, ' '), marked });
  };
  let at = start;
  for (const hit of hits) {
    push(text.slice(at, hit.start), false);
    push(text.slice(Math.max(at, hit.start), hit.end), true);
    at = hit.end;
  }
  push(text.slice(at, end), false);
  if (start > 0) parts.unshift({ text: '… ', marked: false });
  if (end < text.length) parts.push({ text: ' …', marked: false });
  return parts;
}

/** With `**` around what was looked for, for logs, specs and plain texts. */
export const plainSnippet = (snippet: Snippet): string => snippet.map(({ text, marked }) => (marked ? `**${text}**` : text)).join('').trim();

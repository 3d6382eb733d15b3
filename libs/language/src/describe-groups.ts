/**
 * Names groups of texts without a model: keywords by class-based tf-idf, a title made of them that no other group has, and the text that
 * speaks for the group.
 *
 * Weights after Grootendorst 2022, "BERTopic" (arXiv:2203.05794, §3.3), counting texts instead of occurrences, so that one author's
 * repetition does not name the group.
 */
import { isContentWord, sentencesOf, spelledWordsOf, stemOf } from './words.js';

export interface GroupDescription {
  /** Words and two-word phrases, most typical first, up to 8. */
  readonly keywords: readonly string[];
  /** Such as `Traffic lights, downtown parking`; no two groups share one. */
  readonly title: string;
  /** The most central text, as it was written. */
  readonly summary: string;
}

export interface DescribeGroupsOptions {
  /** How central each text is, as `centrality[group][text]`; higher is more central. Without it the keywords decide. */
  readonly centrality?: readonly (readonly number[])[];
  /** Texts of the same corpus that are in no group: they make common words common. */
  readonly background?: readonly string[];
}

/** One description per group, in order. Deterministic; an empty group gets an empty summary. */
export function describeGroups(groups: readonly (readonly string[])[], options: DescribeGroupsOptions = {}): GroupDescription[] {
  const corpus = new Corpus();
  const read = groups.map((texts) => texts.map((text) => corpus.read(text)));
  for (const text of options.background ?? []) corpus.read(text);
  const typicalTextsPerGroup = Math.max(1, corpus.texts / Math.max(1, groups.length));
  const scored = read.map((texts) => scoreTerms(texts, corpus, typicalTextsPerGroup));
  const terms = scored.map(titleTerms);
  const titles = distinctTitles(terms.map((own) => ({ spelled: own.map((term) => corpus.spelling(term.term)), strong: own.filter((term) => term.strong).length })));
  return groups.map((texts, group) => {
    const scores = scored[group] ?? new Map<string, number>();
    const keywords = (terms[group] ?? []).slice(0, 8).map(({ term }) => corpus.spelling(term));
    const best = mostCentral(read[group] ?? [], scores, options.centrality?.[group]);
    return { keywords, title: titles[group] ?? '', summary: texts[best] ?? '' };
  });
}

/** The distinct terms of one text: stems of words, and pairs of neighbouring content words joined by a space. */
type Terms = ReadonlySet<string>;

/** Counts in how many texts each term stands, and remembers how it is usually written. */
class Corpus {
  texts = 0;
  readonly #textsWith = new Map<string, number>();
  readonly #spellings = new Map<string, Map<string, number>>();

  read(text: string): Terms {
    const terms = new Set<string>();
    for (const sentence of sentencesOf(text)) {
      const written = spelledWordsOf(sentence);
      const words = written.map((word) => word.toLowerCase());
      // A sentence's first capital is grammar; any other is how the word is written ("WKU", "Scottsville Rd").
      if (!/^\p{Lu}{2,6}$/u.test(written[0] ?? '')) written[0] = words[0] ?? '';
      words.forEach((word, index) => {
        if (!isContentWord(word)) return;
        this.#note(terms, stemOf(word), written[index] ?? word);
        const next = words[index + 1];
        if (next !== undefined && isContentWord(next)) this.#note(terms, `${stemOf(word)} ${stemOf(next)}`, `${written[index]} ${written[index + 1]}`);
      });
    }
    for (const term of terms) this.#textsWith.set(term, (this.#textsWith.get(term) ?? 0) + 1);
    this.texts += 1;
    return terms;
  }

  textsWith(term: string): number {
    return this.#textsWith.get(term) ?? 0;
  }

  /** The commonest spelling; of equals the first in the alphabet, so that the order of texts does not matter. */
  spelling(term: string): string {
    const ranked = [...(this.#spellings.get(term) ?? [])].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
    return ranked[0]?.[0] ?? term;
  }

  #note(terms: Set<string>, term: string, written: string): void {
    terms.add(term);
    const spellings = this.#spellings.get(term) ?? new Map<string, number>();
    this.#spellings.set(term, spellings.set(written, (spellings.get(written) ?? 0) + 1));
  }
}

/** Share of the group's texts with the term × log(1 + texts per group ÷ texts with the term), best first. */
function scoreTerms(texts: readonly Terms[], corpus: Corpus, typicalTextsPerGroup: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const terms of texts) for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  const scores = [...counts].map(([term, count]): [string, number] => {
    const score = (count / texts.length) * Math.log(1 + typicalTextsPerGroup / corpus.textsWith(term));
    // A pair says more than its words, but only when it is a habit of the group and not of one author and his second try.
    const habit = count >= Math.max(2, texts.length / 10) || texts.length < 3;
    return [term, term.includes(' ') ? (habit ? score * 1.3 : score * 0.3) : score];
  });
  return new Map(scores.sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || (a < b ? -1 : 1)));
}

/** The best terms; one that shares a word with a better one is left out. `strong` ones come near the best. */
function titleTerms(scores: ReadonlyMap<string, number>): { term: string; strong: boolean }[] {
  const used = new Set<string>();
  const chosen: { term: string; strong: boolean }[] = [];
  const [best = 0] = scores.values();
  for (const [term, score] of scores) {
    const words = term.split(' ');
    if (words.some((word) => used.has(word))) continue;
    words.forEach((word) => used.add(word));
    chosen.push({ term, strong: score >= best * strongShare });
    if (chosen.length === mostTerms) break;
  }
  return chosen;
}

const mostTerms = 12;
const strongShare = 0.3;
const mostTitleTerms = 3;

/** The strong terms of each group; groups that would share a title get more of their own terms, and a number when they have no more. */
function distinctTitles(groups: readonly { spelled: readonly string[]; strong: number }[]): string[] {
  const taken = new Set<string>();
  return groups.map(({ spelled, strong }) => {
    const shortest = Math.min(mostTitleTerms, strong);
    const base = capitalised(spelled.slice(0, shortest).join(', ')) || 'Group';
    const candidates = spelled.slice(shortest - 1).map((_, more) => capitalised(spelled.slice(0, shortest + more).join(', ')));
    let title = candidates.find((candidate) => !taken.has(candidate.toLowerCase()));
    for (let number = 1; title === undefined; number += 1) if (!taken.has(`${base} (${number})`.toLowerCase())) title = `${base} (${number})`;
    taken.add(title.toLowerCase());
    return title;
  });
}

/** By the given scores, else the text whose terms are on average the most typical; of equals the first. */
function mostCentral(texts: readonly Terms[], scores: ReadonlyMap<string, number>, centrality: readonly number[] | undefined): number {
  const own = texts.map((terms) => [...terms].reduce((sum, term) => sum + (scores.get(term) ?? 0), 0) / Math.sqrt(terms.size || 1));
  const values = texts.map((_, index) => centrality?.[index] ?? own[index] ?? 0);
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}

function capitalised(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/**
 * Matches postings with all profiles at once: one pass over a posting's words finds every term of every profile, then each profile is a few look-ups. A phrase can not span
 * two fields, because each field is read by itself.
 */
import type { ProfileConfig } from '../config/config.js';
import { compileFilters } from './filters.js';
import type { FilterVerdict } from './filters.js';
import { FIELDS } from './posting.js';
import type { Field, MatchablePosting } from './posting.js';
import { judge } from './score.js';
import type { Score } from './score.js';
import { Beginnings, Spans } from './spans.js';
import { TermBook } from './terms.js';
import type { Term } from './terms.js';
import { folded } from './tokens.js';

export interface TermHit {
  term: string;
  fields: Field[];
}

export interface ProfileMatch {
  profile: string;
  isMatch: boolean;
  /** excluded before no-match before filtered; partial says that some but not all was there. */
  label: 'match' | 'excluded' | 'partial' | 'no-match' | 'filtered';
  required: { matched: TermHit[]; missing: string[] };
  /** In the profile's order; a group without a hit is missing. */
  groups: TermHit[][];
  missingGroups: number[];
  excluded: TermHit[];
  filters: FilterVerdict[];
  score: Score;
}

interface Compiled {
  profile: ProfileConfig;
  required: Term[];
  groups: Term[][];
  excluded: Term[];
  filters: ReturnType<typeof compileFilters>;
}

/** Not thread-safe, like everything here: it keeps what it found in one posting until the next. */
export class Matcher {
  readonly #book = new TermBook();
  readonly #profiles: Compiled[];
  /** By a term's id, one bit for each field. */
  readonly #seen: Uint8Array;
  #touched: number[] = [];
  readonly #spans = new Spans();
  readonly #firsts: Beginnings;
  readonly #prefixes: Beginnings;

  constructor(profiles: readonly ProfileConfig[]) {
    const add = (profile: ProfileConfig) => (text: string): Term => this.#book.add(text, profile.criteria.match);
    this.#profiles = profiles.map((profile) => ({
      profile,
      required: profile.criteria.requiredTerms.map(add(profile)),
      groups: profile.criteria.keywordGroups.map((group) => group.map(add(profile))),
      excluded: profile.criteria.excludeTerms.map(add(profile)),
      filters: compileFilters(profile.filters),
    }));
    this.#seen = new Uint8Array(this.#book.terms.length);
    this.#firsts = new Beginnings(this.#book.byWord.keys());
    this.#prefixes = new Beginnings(this.#book.byPrefix.keys());
  }

  /** Those that match, with everything about why. */
  matches(posting: MatchablePosting, now: Date): ProfileMatch[] {
    this.#read(posting);
    return this.#profiles.flatMap((one) => (this.#passes(one, posting, now) ? [this.#explain(one, posting, now)] : []));
  }

  /** All of them, with everything about why or why not. */
  explain(posting: MatchablePosting, now: Date): ProfileMatch[] {
    this.#read(posting);
    return this.#profiles.map((one) => this.#explain(one, posting, now));
  }

  #passes({ required, groups, excluded, filters }: Compiled, posting: MatchablePosting, now: Date): boolean {
    const has = ({ id }: Term): boolean => this.#seen[id] !== 0;
    return required.every(has) && groups.every((group) => group.some(has)) && !excluded.some(has) && filters.every((check) => check(posting, now).passes);
  }

  #explain({ profile, required, groups, excluded, filters }: Compiled, posting: MatchablePosting, now: Date): ProfileMatch {
    const hits = (terms: readonly Term[]): TermHit[] => terms.flatMap((term) => (this.#seen[term.id] === 0 ? [] : [{ term: term.text, fields: this.#fieldsOf(term) }]));
    const [matched, found, out] = [hits(required), groups.map(hits), hits(excluded)];
    const missing = required.filter(({ id }) => this.#seen[id] === 0).map(({ text }) => text);
    const missingGroups = found.flatMap((group, index) => (group.length === 0 ? [index] : []));
    const verdicts = filters.map((check) => check(posting, now));
    const wordsMatch = missing.length === 0 && missingGroups.length === 0;
    const isMatch = wordsMatch && out.length === 0 && verdicts.every(({ passes }) => passes);
    const some = matched.length > 0 || found.some((group) => group.length > 0);
    const label = isMatch ? 'match' : out.length > 0 ? 'excluded' : wordsMatch ? 'filtered' : some ? 'partial' : 'no-match';
    return { profile: profile.name, isMatch, label, required: { matched, missing }, groups: found, missingGroups, excluded: out, filters: verdicts, score: judge(matched, missing, found) };
  }

  #fieldsOf({ id }: Term): Field[] {
    return FIELDS.filter((_field, bit) => ((this.#seen[id] ?? 0) & (1 << bit)) !== 0);
  }

  #read(posting: MatchablePosting): void {
    for (const id of this.#touched) this.#seen[id] = 0;
    this.#touched = [];
    FIELDS.forEach((field, bit) => {
      const text = posting[field];
      if (text) this.#readField(text, 1 << bit);
    });
  }

  #readField(text: string, bit: number): void {
    const { byWord, byPrefix, prefixLengths, substrings } = this.#book;
    const spans = this.#spans;
    spans.read(text);
    for (let at = 0; at < spans.count; at += 1) {
      const terms = this.#firsts.mayBegin(spans, at) ? byWord.get(spans.word(at)) : undefined;
      if (terms) for (const term of terms) if (term.words.length === 1 || spans.holds(term, at)) this.#mark(term.id, bit);
      if (!this.#prefixes.mayBegin(spans, at)) continue;
      const word = spans.word(at);
      for (const length of prefixLengths) {
        if (length > word.length) break;
        const begun = byPrefix.get(word.slice(0, length));
        if (begun) for (const term of begun) this.#mark(term.id, bit);
      }
    }
    if (substrings.length === 0) return;
    const plain = folded(text);
    for (const term of substrings) if (plain.includes(term.text)) this.#mark(term.id, bit);
  }

  #mark(id: number, bit: number): void {
    if (this.#seen[id] === 0) this.#touched.push(id);
    this.#seen[id] = (this.#seen[id] ?? 0) | bit;
  }
}

/** Terms of profiles, compiled: each distinct term once, found by its first word, so that a posting's words are looked up and not searched for. */
import type { MatchMode } from '../config/config.js';
import { folded, tokensOf } from './tokens.js';

export interface Term {
  id: number;
  /** As it was written, trimmed and in lower case. */
  text: string;
  mode: MatchMode;
  /** The words in a row; of a substring none. */
  words: readonly string[];
  /** The last word is the beginning of one. */
  prefix: boolean;
}

export class TermBook {
  readonly terms: Term[] = [];
  /** Terms whose first, or only, word is this one in full. */
  readonly byWord = new Map<string, Term[]>();
  /** Terms of one word that is a beginning. */
  readonly byPrefix = new Map<string, Term[]>();
  readonly substrings: Term[] = [];
  /** How long beginnings are, each length once. */
  prefixLengths: number[] = [];
  readonly #ids = new Map<string, Term>();

  add(text: string, mode: MatchMode): Term {
    const key = `${mode} ${text}`;
    const known = this.#ids.get(key);
    if (known) return known;
    const prefix = mode === 'token' && text.endsWith('*');
    const words = mode === 'token' ? tokensOf(text).map((token) => token.text) : [];
    const term: Term = { id: this.terms.length, text: mode === 'token' ? text : folded(text), mode, words, prefix };
    this.#ids.set(key, term);
    this.terms.push(term);
    this.#index(term);
    return term;
  }

  #index(term: Term): void {
    const [first] = term.words;
    if (term.mode === 'substring') this.substrings.push(term);
    else if (first === undefined) throw new RangeError(`the term "${term.text}" has no word in it`);
    else if (term.prefix && term.words.length === 1) {
      push(this.byPrefix, first, term);
      this.prefixLengths = [...new Set([...this.prefixLengths, first.length])].sort((a, b) => a - b);
    } else push(this.byWord, first, term);
  }
}

/** Whether the words at a place are those of the term. */
export function standsAt({ words, prefix }: Pick<Term, 'words' | 'prefix'>, tokens: readonly string[], at: number): boolean {
  const last = words.length - 1;
  if (at + last >= tokens.length) return false;
  for (let place = 0; place <= last; place += 1) {
    const [wanted, found] = [words[place] as string, tokens[at + place] as string];
    if (prefix && place === last ? !found.startsWith(wanted) : found !== wanted) return false;
  }
  return true;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

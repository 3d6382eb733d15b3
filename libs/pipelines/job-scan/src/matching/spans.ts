/**
 * The words of a text as places in it. Of a few hundred words of a posting a handful are looked for, so a word is made into a string only when its first two letters are those of
 * something that is: that is most of what matching costs.
 */
import type { Term } from './terms.js';
import { eachSpan, folded, lowered } from './tokens.js';

export class Spans {
  count = 0;
  #lower = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Words that are not ASCII, folded. */
  readonly #folded = new Map<number, string>();

  /** From now on it is about this text. */
  read(text: string): void {
    this.#lower = lowered(text);
    this.count = 0;
    this.#folded.clear();
    eachSpan(this.#lower, (start, end, ascii) => {
      this.#starts[this.count] = start;
      this.#ends[this.count] = end;
      if (!ascii) this.#folded.set(this.count, folded(this.#lower.slice(start, end)));
      this.count += 1;
    });
  }

  word(at: number): string {
    return this.#folded.get(at) ?? this.#lower.slice(this.#starts[at], this.#ends[at]);
  }

  /** Of two letters, those of the word here; -1 when it has to be looked at in full. */
  beginning(at: number): number {
    if (this.#folded.has(at)) return -1;
    const start = this.#starts[at] as number;
    return start + 1 < (this.#ends[at] as number) ? beginningOf(this.#lower.charCodeAt(start), this.#lower.charCodeAt(start + 1)) : beginningOf(this.#lower.charCodeAt(start), 0);
  }

  /** Whether the words from here on are those of the term. */
  holds({ words, prefix }: Pick<Term, 'words' | 'prefix'>, at: number): boolean {
    const last = words.length - 1;
    if (at + last >= this.count) return false;
    for (let place = 0; place <= last; place += 1) {
      const [wanted, found] = [words[place] as string, this.word(at + place)];
      if (prefix && place === last ? !found.startsWith(wanted) : found !== wanted) return false;
    }
    return true;
  }
}

/** The first two letters of many words, as a table. */
export class Beginnings {
  readonly #table = new Uint8Array(128 * 128);
  readonly #any: boolean;

  constructor(words: Iterable<string>) {
    let any = false;
    for (const word of words) {
      any = true;
      const [first, second] = [word.charCodeAt(0), word.length > 1 ? word.charCodeAt(1) : 0];
      if (first >= 128 || second >= 128) continue;
      if (word.length > 1) this.#table[beginningOf(first, second)] = 1;
      // One letter begins with itself alone as a word, and as a prefix with any second one.
      else this.#table.fill(1, beginningOf(first, 0), beginningOf(first, 127) + 1);
    }
    this.#any = any;
  }

  /** False: none of the words is, or begins, the one here. */
  mayBegin(spans: Spans, at: number): boolean {
    if (!this.#any) return false;
    const beginning = spans.beginning(at);
    return beginning < 0 || this.#table[beginning] === 1;
  }
}

const beginningOf = (first: number, second: number): number => first * 128 + second;

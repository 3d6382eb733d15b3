/**
 * Text as the words that terms are compared with. `C++`, `C#`, `F#` and `.NET` are words of their own and never the bare letter; hyphens, slashes, ampersands and dots
 * within a word part it, so that `node.js`, `Node JS` and `node-js` are the same two words in a row. Case and accents do not count.
 */

/** One word and where it stands in the original text. */
export interface Token {
  text: string;
  start: number;
  end: number;
}

const LETTER = /[\p{L}\p{N}\p{M}]/u;
const QUOTE = 0x27;
const DOT = 0x2e;
const PLUS = 0x2b;
const HASH = 0x23;

/** 1 for ASCII letters and digits. */
const IS_WORD = Uint8Array.from({ length: 128 }, (_none, code) => (/[a-z0-9]/i.test(String.fromCharCode(code)) ? 1 : 0));

/** Calls back for each word in its order. Positions are those of the text that was given. */
export function eachToken(text: string, use: (word: string, start: number, end: number) => void): void {
  const lower = lowered(text);
  eachSpan(lower, (start, end, ascii) => use(ascii ? lower.slice(start, end) : folded(lower.slice(start, end)), start, end));
}

/** Where words stand, without making them: most are never looked at. Those that are not ASCII still have to be folded. */
export function eachSpan(lower: string, use: (start: number, end: number, ascii: boolean) => void): void {
  const length = lower.length;
  let at = 0;
  while (at < length) {
    const width = wordWidth(lower, at);
    if (width === 0) {
      at += 1;
      continue;
    }
    const start = isLeadingDot(lower, at) ? at - 1 : at;
    let ascii = width === 1 && lower.charCodeAt(at) < 128;
    at += width;
    for (;;) {
      let next = wordWidth(lower, at);
      // An apostrophe within a word belongs to it.
      if (next === 0 && isQuote(lower.charCodeAt(at)) && wordWidth(lower, at + 1) > 0) next = 1;
      if (next === 0) break;
      if (next > 1 || lower.charCodeAt(at) >= 128) ascii = false;
      at += next;
    }
    // C++17 is C++ and 17.
    while (lower.charCodeAt(at) === PLUS || lower.charCodeAt(at) === HASH) at += 1;
    use(start, at, ascii);
  }
}

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  eachToken(text, (word, start, end) => tokens.push({ text: word, start, end }));
  return tokens;
}

/** Without accents, and with one kind of apostrophe. */
export function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();
}

/** Lower case of the same length, so that positions stay right; a few letters grow when they are lowered, and stay as they are. */
export function lowered(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter)).join('');
}

/** How many code units the letter or digit here has; 0 when it is none. */
function wordWidth(text: string, at: number): 0 | 1 | 2 {
  const code = text.charCodeAt(at);
  if (code < 128) return IS_WORD[code] as 0 | 1;
  if (!(code >= 128)) return 0;
  const letter = String.fromCodePoint(text.codePointAt(at) as number);
  return LETTER.test(letter) ? (letter.length as 1 | 2) : 0;
}

/** `.net` by itself, or of asp.net, vb.net and ado.net; not the end of a host's name. */
function isLeadingDot(text: string, at: number): boolean {
  if (text.charCodeAt(at - 1) !== DOT || !text.startsWith('net', at) || wordWidth(text, at + 3) !== 0) return false;
  return /(?:^|[^\p{L}\p{N}.@_-]|(?<![\p{L}\p{N}.@_-])(?:asp|vb|ado))$/u.test(text.slice(Math.max(0, at - 8), at - 1));
}

const isQuote = (code: number): boolean => code === QUOTE || code === 0x2019;

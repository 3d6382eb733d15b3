/**
 * Cuts a long text into messages that Telegram takes: at paragraphs, else lines, else words, else between characters; never inside an entity, a
 * tag or a surrogate pair. Tags that are open at a cut are closed there and opened again in the next part.
 */
import { TextTooLong } from '../errors.js';

/** Telegram's limit, https://core.telegram.org/bots/api#sendmessage. */
export const TELEGRAM_TEXT_LIMIT = 4_096;

/** Where a part may end, best first. */
type Border = 'paragraph' | 'line' | 'word';

interface Cut {
  /** How many tokens come before it. */
  at: number;
  /** The length of the part if it ends here. */
  length: number;
}

/**
 * The parts in order, without white space at their ends; none when there is nothing to see. Lengths are UTF-16 units of the HTML as it is sent,
 * which is never less than what Telegram counts.
 * @throws TextTooLong when a single tag does not fit into a part
 */
export function splitHtml(source: string, limit = TELEGRAM_TEXT_LIMIT): string[] {
  const parts: string[] = [];
  let tokens = tokensOf(source);
  let open: readonly string[] = [];
  while (tokens.length > 0) {
    const at = endOfPart(tokens, open, limit);
    if (at === 0) throw new TextTooLong(`a tag or link of ${open.join('').length + (tokens[0] ?? '').length} characters does not fit into a message of ${limit}`);
    const taken = tokens.slice(0, at);
    const openAfter = taken.reduce((tags, token) => openTags(tags, token), open);
    const part = `${open.join('')}${taken.join('').trimEnd()}${closing(openAfter)}`;
    if (visible(part) !== '') parts.push(part);
    open = openAfter;
    tokens = withoutLeadingSpace(tokens.slice(at));
  }
  return parts;
}

/** Tags, entities, and single characters (code points, so that pairs stay together). */
function tokensOf(source: string): string[] {
  return withoutLeadingSpace(source.trim().match(/<\/?[a-z][^>]*>|&(?:[a-z]+|#\d+|#x[\da-f]+);|[^]/giu) ?? []);
}

function withoutLeadingSpace(tokens: string[]): string[] {
  const start = tokens.findIndex((token) => token.trim() !== '');
  return start < 0 ? [] : tokens.slice(start);
}

/** How many of the tokens go into the next part. */
function endOfPart(tokens: readonly string[], openBefore: readonly string[], limit: number): number {
  const cuts: Partial<Record<Border, Cut>> = {};
  let open = openBefore;
  let length = open.join('').length;
  for (const [index, token] of tokens.entries()) {
    const border = borderAfter(tokens, index);
    // White space at the end of a part is dropped, so a cut before it always fits.
    if (border) cuts[border] = { at: index, length };
    open = openTags(open, token);
    length += token.length;
    if (length + closing(open).length > limit) return bestCut(cuts, limit)?.at || index;
  }
  return tokens.length;
}

/** A part that a better border would leave mostly empty ends at a lesser one. */
function bestCut({ paragraph, line, word }: Partial<Record<Border, Cut>>, limit: number): Cut | undefined {
  const cuts = [paragraph, line, word].filter((cut) => cut !== undefined);
  return cuts.find(({ length }) => length > limit / 3) ?? cuts.sort((one, other) => other.length - one.length)[0];
}

function borderAfter(tokens: readonly string[], index: number): Border | undefined {
  const token = tokens[index] ?? '';
  if (token.trim() !== '') return undefined;
  if (token !== '\n') return 'word';
  return tokens[index + 1] === '\n' || tokens[index - 1] === '\n' ? 'paragraph' : 'line';
}

/** The opening tags that are open after this token. */
function openTags(open: readonly string[], token: string): readonly string[] {
  if (!token.startsWith('<') || token.length === 1) return open;
  return token.startsWith('</') ? open.slice(0, -1) : [...open, token];
}

function closing(open: readonly string[]): string {
  return open.map((tag) => `</${/^<([a-z-]+)/i.exec(tag)?.[1]}>`).reverse().join('');
}

function visible(part: string): string {
  return part.replace(/<\/?[a-z][^>]*>/giu, '').trim();
}

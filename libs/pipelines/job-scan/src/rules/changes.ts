/** What changed in a posting that was told before: which fields, and of the text which lines came and went. */

export interface Content {
  title: string;
  location: string | null;
  description: string;
}

export interface Changes {
  title?: { from: string; to: string };
  location?: { from: string; to: string };
  added: string[];
  removed: string[];
  /** Lines of the text that changed and are not told. */
  more: number;
}

const MOST_LINES = 6;
const LONGEST_LINE = 200;

/** Edits of the layout leave nothing to tell: then the lists are empty. */
export function changesBetween(before: Content, after: Content): Changes {
  // Lines that are only broken elsewhere say the same.
  const same = plain(before.description) === plain(after.description);
  const [old, fresh] = same ? [[], []] : [linesOf(before.description), linesOf(after.description)];
  const [had, has] = [new Set(old.map(plain)), new Set(fresh.map(plain))];
  const added = unique(fresh.filter((line) => !had.has(plain(line))));
  const removed = unique(old.filter((line) => !has.has(plain(line))));
  return {
    ...(plain(before.title) !== plain(after.title) && { title: { from: before.title, to: after.title } }),
    ...(plain(before.location ?? '') !== plain(after.location ?? '') && { location: { from: before.location ?? '', to: after.location ?? '' } }),
    added: added.slice(0, MOST_LINES).map(short),
    removed: removed.slice(0, MOST_LINES).map(short),
    more: Math.max(0, added.length - MOST_LINES) + Math.max(0, removed.length - MOST_LINES),
  };
}

/** Only blanks, markup, punctuation or the order of lines are other ones. */
export const isCosmetic = ({ title, location, added, removed }: Changes): boolean => !title && !location && added.length === 0 && removed.length === 0;

/** Sentences and list entries, so that a paragraph with one changed word is not told in full. */
function linesOf(text: string): string[] {
  return text.split(/\n+|(?<=[.!?…])\s+/).map((line) => line.trim()).filter((line) => line !== '');
}

/** Signs that say something stay: C++ is not C, and $ is not €. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}\p{Sc}+#%&]+/gu, ' ').trim();
const short = (line: string): string => (line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}…`);
const unique = (lines: readonly string[]): string[] => [...new Set(lines)];

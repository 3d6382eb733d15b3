/** Tags that a text suggests by itself: its hashtags, and the person's own tags whose words occur in it. */
import { normalizeText, stemOf } from '@carillon/language';

/** As many as the reference asks a model for. */
export const MOST_SUGGESTED = 7;
const LONGEST = 30;

/** @param own the person's tags, the most used first. @returns in lower case, at most {@link MOST_SUGGESTED}, hashtags first */
export function tagsIn(text: string, own: readonly string[]): string[] {
  const hashtags = [...text.matchAll(/(?<![\p{L}\p{N}_&/#])#(?=[\p{N}_-]*\p{L})([\p{L}\p{N}][\p{L}\p{N}_-]*)/gu)].map(([, tag = '']) => tag.toLowerCase());
  // Spaces at both ends, so that only whole words are found in it.
  const words = ` ${stems(text)} `;
  const known = own.filter((tag) => stems(tag) !== '' && words.includes(` ${stems(tag)} `));
  return [...new Set([...hashtags, ...known])].filter((tag) => tag.length <= LONGEST).slice(0, MOST_SUGGESTED);
}

const stems = (text: string): string => (normalizeText(text).match(/[\p{L}\p{N}]+/gu) ?? []).map(stemOf).join(' ');

/** A model's tags: what is none is left out. @throws Error when it is no list at all */
export function readTags(tags: unknown): string[] {
  if (!Array.isArray(tags)) throw new Error('the tags are no list');
  const good = tags.filter((tag): tag is string => typeof tag === 'string').map((tag) => tag.trim().replace(/^#/, '').toLowerCase()).filter((tag) => tag.length <= LONGEST && /^[\p{L}\p{N}][\p{L}\p{N} _-]*$/u.test(tag));
  return [...new Set(good)].slice(0, MOST_SUGGESTED);
}

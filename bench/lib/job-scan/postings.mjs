/** Postings and profiles that look like real ones to a matcher: two kilobytes of text of a few thousand words, of which a few hundred are looked for. */
import { seededRandom } from '../random.mjs';

const SYLLABLES = ['ka', 'lo', 'mi', 'ne', 'ru', 'ta', 'vo', 'xe', 'zi', 'po', 'da', 'fe'];
const WORDS = Array.from({ length: 3_000 }, (_none, n) => [n % 12, Math.floor(n / 12) % 12, Math.floor(n / 144) % 12, (n * 7) % 12].map((at) => SYLLABLES[at]).join(''));
const SKILLS = ['python', 'go', 'rust', 'c++', 'c#', '.net', 'node.js', 'java', 'kubernetes', 'terraform', 'sql', 'react', 'machine learning', 'data engineering', 'backend', 'frontend', 'senior', 'staff', 'lead', 'remote', 'hybrid', 'berlin', 'security', 'r&d'];

/** @param {number} number @returns {{ id: string, title: string, description: string, location: string }} the same every time */
export function postingOf(number) {
  const random = seededRandom(number + 1);
  const text = Array.from({ length: 280 }, () => (random.uniform() < 0.04 ? random.pick(SKILLS) : random.pick(WORDS)));
  for (let at = 12; at < text.length; at += 12) text[at] = `${text[at]}.`;
  return { id: `p${number}`, title: `${random.pick(['Senior', 'Staff', 'Lead', 'Junior'])} ${random.pick(SKILLS)} Engineer`, description: text.join(' '), location: random.pick(['Remote', 'Berlin, Germany', 'New York', 'Hybrid, Paris']) };
}

/** Each requires one thing, wants one of three others, and excludes one. @param {number} count */
export function profilesOf(count) {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_none, n) => ({
    name: `profile-${n}`,
    search_criteria: { required_terms: [random.pick(SKILLS), random.pick(WORDS)], keyword_groups: [[random.pick(SKILLS), `${random.pick(SYLLABLES)}${random.pick(SYLLABLES)}*`, `${random.pick(WORDS)} ${random.pick(WORDS)}`]], exclude_terms: [random.pick(WORDS)].map((word) => `${word}x`) },
  }));
}

/** Finds what a person noted: whole and begun words, in the forms that they are bent to, and with letters that are wrong. */
import { InvalidField } from '../errors.js';
import type { MemoryServices } from '../services.js';
import { acting } from './acting.js';
import { MEMORY_COLUMNS } from './memories.js';
import type { MemoryView } from './memories.js';

export interface SearchHit {
  memory: MemoryView;
  score: number;
}

/** Words that say what is to be done, not what is looked for. */
const STOP_WORDS = new Set(
  ('a about all am an and any are as at be but by can could did do does find for from get give had has have how i in is it its list look me mine my no not of on or our search show some tell that the their them then there these they this to ' +
    'up us was we were what when where which who will with would you your').split(' '),
);
/** Trigrams that must agree before a wrong letter is forgiven. */
const SIMILAR_ENOUGH = 0.45;

/** Pinned ones first, then the best. Without words: the pinned ones, newest first, when they are asked for. @throws InvalidField */
export async function searchMemories(services: MemoryServices, userId: string, { q = '', pinned = false, limit = 20 }: { q?: string; pinned?: boolean; limit?: number }): Promise<SearchHit[]> {
  const words = wordsOf(q);
  if (words.length === 0 && !pinned) throw new InvalidField('q', 'has no word in it: write what you look for');
  return acting(services, userId, async ({ manager }) => {
    const select = (score: string, where: string): string =>
      `SELECT ${MEMORY_COLUMNS}, (${score})::float8 AS score FROM memory.memory m WHERE m.owner_id = $1 AND m.status = 'confirmed' AND ($3::boolean IS FALSE OR m.is_pinned) AND ${where} ORDER BY m.is_pinned DESC, score DESC, m.created_at DESC LIMIT $4`;
    const ask = async (sql: string, query: string): Promise<SearchHit[]> => (await manager.query<(MemoryView & { score: number })[]>(sql, [userId, query, pinned, limit])).map(({ score, ...memory }) => ({ memory, score }));
    if (words.length === 0) return ask(select('0', '$2::text IS NOT NULL'), '');
    const terms = words.map((word) => `'${word}':*`).join(' | ');
    const english = words.join(' OR ');
    const found = await ask(select(`ts_rank_cd(m.search, to_tsquery('simple', $2))`, `m.search @@ to_tsquery('simple', $2)`), terms);
    if (found.length > 0) return found;
    const bent = await ask(select(`ts_rank_cd(m.search, websearch_to_tsquery('english', $2))`, `m.search @@ websearch_to_tsquery('english', $2)`), english);
    if (bent.length > 0) return bent;
    // For this transaction only, and so that the index of trigrams can be used.
    await manager.query(`SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)`, [String(SIMILAR_ENOUGH)]);
    return ask(select('word_similarity($2, m.words)', '$2 <% m.words'), words.join(' '));
  });
}

/** Letters and digits only, so that nothing in them is an operator; all of them when every one is a stop word. */
export function wordsOf(query: string): string[] {
  // What stands behind an apostrophe would begin many a word: "mum's" looks for mum.
  const words = query.slice(0, 500).toLowerCase().replace(/(?<=\p{L})['’](?:s|t|d|m|ll|re|ve)(?!\p{L})/gu, '').split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '').slice(0, 20);
  const telling = words.filter((word) => !STOP_WORDS.has(word));
  return telling.length > 0 ? telling : words;
}

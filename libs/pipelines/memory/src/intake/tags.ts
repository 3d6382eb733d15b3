/** Tags of memories: suggested ones wait, confirmed ones are searched. */
import { InvalidField } from '../errors.js';
import { MOST_SUGGESTED, tagsIn } from '../rules/suggest-tags.js';
import { acting, found } from './acting.js';
import type { Act } from './acting.js';
import type { MemoryServices } from '../services.js';

const MAX_TAGS = 50;
const MAX_TAG = 60;
/** A person's own tags that are looked for in a new text: the most used. */
const OWN_TAGS = 500;

/** Adds tags, or confirms those that were suggested; none is ever put back to suggested. */
export async function setTags(services: MemoryServices, userId: string, memoryId: string, tags: readonly string[], status: 'suggested' | 'confirmed'): Promise<void> {
  await acting(services, userId, async (act) => {
    await own(act, memoryId);
    await addTags(act, memoryId, tags, status);
    act.audit({ entityType: 'memory', entityId: memoryId, action: 'updated', detail: { tags: tags.length, status } });
    if (status === 'suggested') act.due(new Date(act.now.getTime() + services.settings.memorySuggestedTagDays * 86_400_000));
  });
}

/** Suggests what the memory's words say by themselves, and what was read of it besides. @returns its tags that wait for an answer */
export async function suggestTags(services: MemoryServices, userId: string, memoryId: string, more: readonly string[] = []): Promise<string[]> {
  return acting(services, userId, async (act) => {
    const { content } = found(await act.manager.query<{ content: string | null }[]>('SELECT content FROM memory.memory WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE', [memoryId, userId]), 'memory', memoryId);
    await addSuggestions(act, services, memoryId, content ?? '', more);
    return (await act.manager.query<{ tag: string }[]>(`SELECT tag FROM memory.tag WHERE memory_id = $1 AND status = 'suggested' ORDER BY tag`, [memoryId])).map(({ tag }) => tag);
  });
}

/** In the caller's transaction. A tag that it has already stays as it is. */
export async function addSuggestions(act: Act, { settings }: MemoryServices, memoryId: string, text: string, more: readonly string[] = []): Promise<void> {
  const own = await act.manager.query<{ tag: string }[]>(
    `SELECT t.tag FROM memory.tag t JOIN memory.memory m ON m.id = t.memory_id WHERE m.owner_id = $1 AND t.status = 'confirmed' GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT $2`,
    [act.userId, OWN_TAGS],
  );
  const wanted = [...new Set([...tagsIn(text, own.map(({ tag }) => tag)), ...more])].slice(0, MOST_SUGGESTED);
  if (wanted.length === 0) return;
  await addTags(act, memoryId, wanted, 'suggested');
  act.audit({ entityType: 'memory', entityId: memoryId, action: 'updated', detail: { tags: wanted.length, status: 'suggested' } });
  act.due(new Date(act.now.getTime() + settings.memorySuggestedTagDays * 86_400_000));
}

/** Confirms every tag that is still a suggestion. */
export async function confirmTags(services: MemoryServices, userId: string, memoryId: string): Promise<void> {
  await acting(services, userId, async (act) => {
    await own(act, memoryId);
    await act.manager.query(`UPDATE memory.tag SET status = 'confirmed', confirmed_at = engine.clock() WHERE memory_id = $1 AND status = 'suggested'`, [memoryId]);
    await rememberWords(act, memoryId);
    act.audit({ entityType: 'memory', entityId: memoryId, action: 'updated', detail: { tags: 'confirmed' } });
  });
}

/** @throws NotFound */
export async function removeTag(services: MemoryServices, userId: string, memoryId: string, tag: string): Promise<void> {
  await acting(services, userId, async (act) => {
    await own(act, memoryId);
    const [gone] = await act.manager.query<[unknown[], number]>('DELETE FROM memory.tag WHERE memory_id = $1 AND tag = $2 RETURNING tag', [memoryId, cleaned(tag)]);
    found(gone, 'tag', tag);
    await rememberWords(act, memoryId);
    act.audit({ entityType: 'memory', entityId: memoryId, action: 'updated', detail: { tag: cleaned(tag), removed: true } });
  });
}

/** In the caller's transaction. @throws InvalidField */
export async function addTags(act: Act, memoryId: string, tags: readonly string[], status: 'suggested' | 'confirmed'): Promise<void> {
  const wanted = [...new Set(tags.map(cleaned))];
  const bad = wanted.find((tag) => tag === '' || tag.length > MAX_TAG || /[\0,]|\p{Surrogate}/u.test(tag));
  if (bad !== undefined) throw new InvalidField('tags', `holds "${bad.slice(0, 80)}": a tag has 1 to ${MAX_TAG} characters and no comma`);
  if (wanted.length === 0 || wanted.length > MAX_TAGS) throw new InvalidField('tags', `has ${wanted.length} tags: send 1 to ${MAX_TAGS}`);
  await act.manager.query(
    `INSERT INTO memory.tag AS t (memory_id, tag, status, suggested_at, confirmed_at)
     SELECT $1, tag, $3, CASE WHEN $3 = 'suggested' THEN engine.clock() END, CASE WHEN $3 = 'confirmed' THEN engine.clock() END FROM unnest($2::text[]) AS wanted (tag)
     ON CONFLICT (memory_id, tag) DO UPDATE SET status = 'confirmed', confirmed_at = coalesce(t.confirmed_at, engine.clock()) WHERE excluded.status = 'confirmed'`,
    [memoryId, wanted, status],
  );
  await rememberWords(act, memoryId);
}

const cleaned = (tag: string): string => tag.trim().replace(/^#/, '').toLowerCase();

const own = async ({ manager, userId }: Act, id: string): Promise<unknown> => found(await manager.query('SELECT id FROM memory.memory WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE', [id, userId]), 'memory', id);

/** What search looks in beside the content. */
async function rememberWords({ manager }: Act, memoryId: string): Promise<void> {
  await manager.query(`UPDATE memory.memory SET tag_words = (SELECT coalesce(string_agg(tag, ' ' ORDER BY tag), '') FROM memory.tag WHERE memory_id = $1 AND status = 'confirmed'), updated_at = engine.clock() WHERE id = $1`, [memoryId]);
}

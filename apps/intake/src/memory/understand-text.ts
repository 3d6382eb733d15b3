/**
 * What the bot makes of a text: kept first, then read by rules, and by a model where these make nothing of it and an operator wants that; then proposed, looked up, or asked back. What is asked back is one conversation about one
 * memory: the answer is read together with the first text, and becomes no second one. Whatever is the matter with reading, what was written is a note.
 */
import { botLabels as labels, botSays as says, changeMemory, Conflict, createMemory, deleteMemory, getMemory, isRequest, NotFound, readIntent, readReply, searchMemories, suggestTags, taskLike } from '@carillon/memory';
import type { Intent, MemoryView, ModelReader } from '@carillon/memory';
import type { JsonObject } from '@carillon/engine';
import type { Buttons, Turn } from '../telegram/surface.js';
import { brief, button, labelled, labelOf, noteButtons, reminderPicker } from './telegram-buttons.js';
import type { Pressed, Writer } from './telegram-buttons.js';

type Kept = Pick<MemoryView, 'id' | 'content' | 'is_pinned'>;

interface Understood {
  intent: Intent;
  tags?: readonly string[];
  reader?: ModelReader;
}

/** A question that waits for its answer. */
interface Asked {
  id: string;
  text: string;
  what: string;
  question: string;
  /** It asks for a time. */
  asksWhen: boolean;
  /** The update that it was asked about, and the one that answered: handled again, each does what it did. */
  from: string;
  by?: string;
}

const NOTE: Understood = { intent: { intent: 'note' } };
/** Results of a search that are shown. */
const FOUND = 5;
/** The longest description of a task. */
const LONGEST_TASK = 2_000;

/** A text that answers nothing. */
export async function keepText(turn: Turn, writer: Writer): Promise<void> {
  const { services, id, zone, now } = writer;
  const intent = readIntent(turn.text, now, zone);
  // A question to the notes is none of them; the update itself is kept until it is handled.
  if (intent?.intent === 'search') return showFound(turn, writer, intent.query, turn.text, turn.key);
  const memory = await createMemory(services, id, { content: turn.text, source_message_id: turn.key }, { suggest: false });
  return react(turn, writer, memory, intent === undefined ? await readByModel(writer, turn.text) : await withTime(writer, turn.text, intent));
}

/** What was asked back stands in the state, with the first text. */
export async function takeAnswer(turn: Turn, writer: Writer, state: JsonObject): Promise<void> {
  const { id, text: first, what, question, asksWhen } = state as unknown as Asked;
  await turn.converse({ ...state, by: turn.key });
  const known = readReply(what, turn.text, writer.now, writer.zone);
  // Whoever asks for something else meanwhile gets that; the first text stays the note that it is.
  if (!known && isRequest(turn.text)) return keepText(turn, writer);
  const read = known ?? (asksWhen ? await whenByModel(writer, what, turn.text) : undefined) ?? (await writer.services.notes.read(first, writer.now, writer.zone, { question, answer: turn.text })) ?? NOTE;
  // What the answer says beyond the choice is theirs as well: the one memory holds it.
  const content = known?.rest === '' ? first : `${first}\n${turn.text.trim()}`;
  if (read.intent.intent === 'search') return showFound(turn, writer, read.intent.query, content, turn.key, id);
  return react(turn, writer, await withContent(turn, writer, id, content), read);
}

/** Whether a text is the answer that a question waits for: neither a new one, nor the one that it was asked about, handled again. */
export function isAnswer(turn: Turn, state: JsonObject): boolean {
  const { from, by = turn.key } = state as unknown as Asked;
  return turn.message?.photo === undefined && from !== turn.key && by === turn.key;
}

/** A button below the question. */
export async function choose(turn: Turn, writer: Writer, { id, text = '', what = text, when }: Pressed): Promise<void> {
  await turn.converse(undefined);
  const read = readReply(what, when, writer.now, writer.zone) ?? NOTE;
  if (read.intent.intent === 'search') return showFound(turn, writer, read.intent.query, text, turn.key, id);
  return react(turn, writer, await getMemory(writer.services, writer.id, id), read);
}

/** Says that it is noted, what tags it suggests, and which task it may be about. */
export async function sayNoted(turn: Turn, { services, id }: Writer, memory: Kept, tags: readonly string[] = []): Promise<void> {
  const suggested = await suggestTags(services, id, memory.id, tags);
  await turn.say(says.intent({ query: memory.content ?? '', intent: 'general_note', memory_id: memory.id, results: [], suggested_tags: suggested }), noteButtons(memory, suggested.length > 0));
  const task = await taskLike(services, id, memory);
  if (task) await turn.say(says.taskMatch({ task_id: task.id, task_description: brief(task.description), memory_id: memory.id }), [[labelled(labels.markDone, 'done', task.id), labelled(labels.no, 'open_still', task.id)]]);
}

/** Rules make nothing of it: a model may, or it is a note. */
async function readByModel({ services, now, zone }: Writer, text: string): Promise<Understood> {
  return (await services.notes.read(text, now, zone)) ?? NOTE;
}

/** Somebody asks to be reminded at a time that the rules can not read. */
async function withTime({ services, now, zone }: Writer, text: string, intent: Intent): Promise<Understood> {
  if (intent.intent !== 'reminder' || intent.time) return { intent };
  const time = await services.times.read(text, now, zone, true);
  if (!time) return { intent };
  const read = readIntent(time.rest, now, zone);
  return { intent: { ...intent, what: read?.intent === 'reminder' ? read.what : intent.what, time: { at: time.at, past: time.at <= now } }, ...(time.reader && { reader: time.reader }) };
}

async function whenByModel({ services, now, zone }: Writer, what: string, answer: string): Promise<Understood | undefined> {
  const time = await services.times.read(answer, now, zone, true);
  return time && { intent: { intent: 'reminder', what, time: { at: time.at, past: time.at <= now } }, ...(time.reader && { reader: time.reader }) };
}

async function react(turn: Turn, writer: Writer, memory: Kept, { intent, tags, reader }: Understood): Promise<void> {
  switch (intent.intent) {
    case 'search':
      return showFound(turn, writer, intent.query, memory.content ?? '', turn.key, memory.id);
    case 'note':
      return sayNoted(turn, writer, memory, tags);
    case 'ambiguous':
      return askBack(turn, memory, intent.what, intent.question ?? says.searchOrTask, choicesOf(memory, intent.what));
    case 'reminder':
      if (!intent.time) return askBack(turn, memory, intent.what, says.whenFor(brief(intent.what)), [...reminderPicker(memory.id, true), [choice(labels.justNote, 'note', memory, intent.what)]], true);
      return propose(turn, writer, memory, { ...intent, time: intent.time }, reader);
    case 'task':
      return propose(turn, writer, memory, intent, reader);
  }
}

/** Nothing is made before it is confirmed; what is over already can be moved. */
async function propose(turn: Turn, { zone }: Writer, { id, content }: Kept, { intent, what, time }: Intent & { intent: 'reminder' | 'task' }, reader: ModelReader | undefined): Promise<void> {
  const doing = intent === 'task' ? { id, what: brief(what, LONGEST_TASK) } : { id };
  const make = intent === 'task' ? 'due' : 'at';
  const note = button(labels.justNote, 'note', { id });
  if (time?.past) return turn.say(says.past(brief(what), time.at, zone), [[button(labels.reschedule, make, { ...doing, when: 'custom' }), { ...note, text: labels.dismiss }]]);
  const confirm = { ...button(labels.confirm, make, { ...doing, when: time?.at.toISOString() ?? 'none', ...(reader && { reader }) }), once: true };
  if (intent === 'reminder' && time) return turn.say(says.propose(brief(what), time.at, zone), [[confirm, button(labels.editTime, 'at', { id, when: 'custom' })], [note]]);
  const said = says.intent({ query: brief(content ?? what), intent, memory_id: id, results: [], action: brief(what), time_zone: zone, ...(time && { resolved_time: time.at.toISOString() }) });
  return turn.say(said, [[confirm, button(labels.edit, 'task', doing)], [note]]);
}

async function askBack(turn: Turn, { id, content }: Kept, what: string, question: string, buttons: Buttons, asksWhen = false): Promise<void> {
  await turn.converse({ waits: 'answer', id, text: content ?? '', what, question, asksWhen, from: turn.key });
  await turn.say(says.intent({ query: brief(content ?? ''), intent: 'ambiguous', memory_id: id, results: [], followup_question: question }), buttons);
}

const choice = (text: string, when: string, { id, content }: Kept, what: string) => button(text, 'choose', { id, when, text: content ?? '', what });
const choicesOf = (memory: Kept, what: string): Buttons => [[choice(labels.search, 'search', memory, what), choice(labels.task, 'task', memory, what)], [choice(labels.justNote, 'note', memory, what)]];

/** What was found is shown, and the question to the notes is none of them. @param kept when it was kept before it was known to be one */
async function showFound(turn: Turn, { services, id }: Writer, query: string, text: string, source: string, kept?: string): Promise<void> {
  if (kept !== undefined) await unlessGone(deleteMemory(services, id, kept));
  const hits = await searchMemories(services, id, { q: query, limit: FOUND });
  const results = hits.map(({ memory }) => ({ memory_id: memory.id, label: labelOf(memory) }));
  await turn.say(says.intent({ query: brief(query), intent: 'search', memory_id: null, results }), [...results.map(({ memory_id, label }) => [labelled(label, 'open', memory_id)]), [button(labels.keep, 'keep_text', { text, source })]]);
}

/** The first text's memory with what was said since; made anew when the person deleted it meanwhile. */
async function withContent(turn: Turn, { services, id }: Writer, memoryId: string, content: string): Promise<MemoryView> {
  const known = await unlessGone(changeMemory(services, id, memoryId, { content }));
  return known ?? createMemory(services, id, { content, source_message_id: turn.key }, { suggest: false });
}

/** What is gone, or what something refers to already, is left as it is. */
async function unlessGone<T>(doing: Promise<T>): Promise<T | undefined> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof NotFound || error instanceof Conflict) return undefined;
    throw error;
  }
}

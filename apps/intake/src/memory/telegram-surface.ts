/**
 * Memory on Telegram: what people write is kept first and understood afterwards, by rules that need no model. Buttons and half-finished conversations are rows, so that a restart changes
 * nothing; what an update changes is keyed by it, so that handling it again changes nothing more.
 */
import { readSpokenTime, startOfLocalDay } from '@carillon/calendar';
import { changeMemory, changeReminder, changeTask, Conflict, createImage, createMemory, createReminder, createTask, confirmTags, deleteMemory, eventOfToken, findBySource, getMemory, InvalidField, listReminders, listTasks, NotFound, pressEvent, pressReminder, readPress, readSettingsOf, reminderOfToken, searchMemories, setTags } from '@carillon/memory';
import type { MemoryServices, MemoryView } from '@carillon/memory';
import { databaseNow, telegramIdOf } from '@carillon/persistence';
import type { Buttons, TelegramSurface, Turn } from '../telegram/surface.js';
import { says } from './telegram-texts.js';

/** Fetches a file that somebody sent; undefined when it is too large. */
export type Download = (fileId: string, mostBytes: number) => Promise<Uint8Array | undefined>;

interface Writer {
  services: MemoryServices;
  id: string;
  zone: string;
  now: Date;
}

const LABEL = 50;
const labelOf = ({ content, tags }: MemoryView): string => (content ?? `[Image: ${tags.map(({ tag }) => tag).join(', ')}]`).slice(0, LABEL);
const noteButtons = (id: string): Buttons => [
  [{ text: 'Task', action: 'task', payload: { id } }, { text: 'Remind', action: 'remind', payload: { id } }],
  [{ text: 'Tag', action: 'tag', payload: { id } }, { text: 'Pin', action: 'pin', payload: { id } }, { text: 'Delete', action: 'delete', payload: { id } }],
];
const option = (text: string, action: string, id: string, when: string): Buttons[number][number] => ({ text, action, payload: { id, when } });

export function memorySurface(services: MemoryServices, download: Download | undefined): TelegramSurface {
  /** Who writes, when they may; what is refused is said to them, and is no failure of ours. */
  const asPerson = async (turn: Turn, work: (writer: Writer) => Promise<void>): Promise<boolean> => {
    const id = await telegramIdOf(services.dataSource.manager, turn.chat.ref);
    try {
      if (id === undefined) return false;
      const { time_zone: zone } = await readSettingsOf(services, id);
      await work({ services, id, zone, now: await databaseNow(services.dataSource.manager) });
    } catch (error) {
      if (error instanceof NotFound && error.message.startsWith('there is no user')) return false;
      if (error instanceof NotFound) await turn.say(says.over);
      else if (error instanceof InvalidField || error instanceof Conflict) await turn.say(says.refused(error.message));
      else throw error;
    }
    return true;
  };
  /** Whoever is not let in hears so, and by which number they would be. */
  const orRefuse = async (turn: Turn, work: (writer: Writer) => Promise<void>): Promise<void> => {
    if (!(await asPerson(turn, work))) await turn.say(says.stranger((await telegramIdOf(services.dataSource.manager, turn.chat.ref)) ?? ''));
  };
  const command = (en: string, work: (turn: Turn, writer: Writer) => Promise<void>) => ({ says: { en }, handle: (turn: Turn) => orRefuse(turn, (writer) => work(turn, writer)) });
  const press = (work: (turn: Turn, writer: Writer, id: string, when: string) => Promise<void>) => async (turn: Turn, payload: Record<string, unknown>) =>
    orRefuse(turn, (writer) => work(turn, writer, String(payload['id'] ?? ''), String(payload['when'] ?? '')));

  return {
    name: 'memory',
    commands: {
      find: command('Searches what you noted', async (turn, { id }) => {
        const hits = await searchMemories(services, id, { q: turn.text, limit: 5 });
        await turn.say(hits.length === 0 ? says.nothingFound : '🔎', hits.map(({ memory }) => [{ text: labelOf(memory), action: 'open', payload: { id: memory.id } }]));
      }),
      pinned: command('What you pinned', async (turn, { id }) => {
        const hits = await searchMemories(services, id, { pinned: true, limit: 10 });
        await turn.say(hits.length === 0 ? says.nothingFound : '📌', hits.map(({ memory }) => [{ text: labelOf(memory), action: 'open', payload: { id: memory.id } }]));
      }),
      tasks: command('What is to be done; tap what is done', async (turn, { id }) => {
        const tasks = await listTasks(services, id, { state: 'NOT_DONE', limit: 10 });
        await turn.say(tasks.length === 0 ? says.noTasks : '✅', tasks.map((task) => [{ text: task.description.slice(0, LABEL), action: 'done', payload: { id: task.id } }]));
      }),
      reminders: command('What you will be reminded of', async (turn, { id, zone }) => {
        const next = await listReminders(services, id, { upcoming: true, limit: 10 });
        await turn.say(next.length === 0 ? says.noReminders : next.map((one) => says.propose(one.text ?? '…', one.fire_at, zone).replace(/^Shall I remind you of /, '⏰ ').replace(/\?$/, '')).join('\n'));
      }),
    },
    readsPress: (data) => {
      const read = readPress(data);
      return read && { action: 'notice', payload: { token: read.token, press: read.press } };
    },
    presses: {
      open: press(async (turn, writer, id) => showMemory(turn, await getMemory(services, writer.id, id))),
      task: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { status: 'confirmed' });
        await turn.say(says.dueWhen, [[option('Today', 'due', id, 'today'), option('Tomorrow', 'due', id, 'tomorrow'), option('Next week', 'due', id, 'week')], [option('No date', 'due', id, 'none'), option('Custom', 'due', id, 'custom')]]);
      }),
      due: press(async (turn, writer, id, when) => {
        if (when === 'custom') return ask(turn, 'due', id);
        const ahead = { today: 0, tomorrow: 1, week: 7 }[when];
        await makeTask(turn, writer, id, ahead === undefined ? null : startOfLocalDay(writer.now, writer.zone, ahead));
      }),
      remind: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { status: 'confirmed' });
        await turn.say(says.remindWhen, [[option('1 hour', 'at', id, 'in 1 hour'), option('Tomorrow 9am', 'at', id, 'tomorrow 9am'), option('Custom', 'at', id, 'custom')]]);
      }),
      at: press(async (turn, writer, id, when) => (when === 'custom' ? ask(turn, 'remind', id) : makeReminder(turn, writer, id, when))),
      note: press((turn, _writer, id) => turn.show(says.noted, noteButtons(id))),
      tag: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { status: 'confirmed' });
        await turn.converse({ waits: 'tags', id });
        await turn.say(says.whichTags);
      }),
      pin: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { is_pinned: true, status: 'confirmed' });
        await confirmTags(services, writer.id, id);
        await turn.toast(says.pinned);
      }),
      delete: press((turn, _writer, id) => turn.show(says.really, [[{ text: 'Yes', action: 'gone', payload: { id } }, { text: 'No', action: 'note', payload: { id } }]])),
      gone: press(async (turn, writer, id) => {
        await deleteMemory(services, writer.id, id);
        await turn.show(says.gone);
      }),
      done: press(async (turn, writer, id) => {
        await changeTask(services, writer.id, id, { state: 'DONE' });
        await turn.toast('Done.');
      }),
      notice: (turn, payload) => orRefuse(turn, (writer) => pressNotice(turn, writer, String(payload['token']), String(payload['press']))),
    },
    reply: (turn, state) =>
      orRefuse(turn, async (writer) => {
        const id = String(state['id']);
        if (state['waits'] === 'tags') {
          await setTags(services, writer.id, id, turn.text.split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''), 'confirmed');
          await turn.converse(undefined);
          return showMemory(turn, await getMemory(services, writer.id, id));
        }
        const time = readSpokenTime(turn.text, writer.now, writer.zone);
        // The question stands until it is answered, or /cancel ends it.
        if (!time || time.at <= writer.now) return turn.say(time ? says.past(turn.text, time.at, writer.zone) : says.notUnderstood(turn.text));
        if (state['waits'] === 'due') await makeTask(turn, writer, id, time.at);
        else if (state['waits'] === 'remind') await makeReminder(turn, writer, id, time.at.toISOString());
        else {
          await changeReminder(services, writer.id, id, { fire_at: time.at.toISOString() });
          await turn.say(says.reminded(time.at, writer.zone));
        }
        await turn.converse(undefined);
      }),
    message: (turn) => asPerson(turn, (writer) => (turn.message?.photo ? keepPhoto(turn, writer, download) : keepText(turn, writer))),
  };
}

/** Kept before it is understood: what follows may fail, and the words are not lost. */
async function keepText(turn: Turn, { services, id, zone, now }: Writer): Promise<void> {
  const memory = await createMemory(services, id, { content: turn.text, source_message_id: turn.key });
  const time = readSpokenTime(turn.text, now, zone);
  if (!time) return turn.say(says.noted, noteButtons(memory.id));
  const what = time.rest.replace(/^(please )?(remind me )?(to |of |that )?/i, '') || turn.text;
  const edit = { text: 'Edit time', action: 'at', payload: { id: memory.id, when: 'custom' } };
  const note = { text: 'Just a note', action: 'note', payload: { id: memory.id } };
  if (time.at <= now) return turn.say(says.past(what, time.at, zone), [[{ ...edit, text: 'Reschedule' }, { ...note, text: 'Dismiss' }]]);
  return turn.say(says.propose(what, time.at, zone), [[{ text: 'Confirm', action: 'at', payload: { id: memory.id, when: time.at.toISOString() } }, edit], [note]]);
}

async function keepPhoto(turn: Turn, { services, id }: Writer, download: Download | undefined): Promise<void> {
  const known = await findBySource(services, id, turn.key);
  const largest = turn.message?.photo?.at(-1);
  if (known !== undefined) return turn.say(says.pending, noteButtons(known));
  const bytes = largest && (await download?.(largest.file_id, services.settings.memoryImageMaxBytes));
  if (!largest || !bytes) return turn.say(says.notAnImage);
  const memory = await createImage(services, id, bytes, { fileId: largest.file_id, source: turn.key, ...(turn.text !== '' && { caption: turn.text }) });
  return turn.say(says.pending, noteButtons(memory.id));
}

async function makeTask(turn: Turn, { services, id, zone }: Writer, memoryId: string, due: Date | null): Promise<void> {
  const memory = await getMemory(services, id, memoryId);
  const task = await createTask(services, id, { memory_id: memoryId, description: memory.content ?? 'Look at the image', due_at: due && due.toISOString(), source_key: turn.key });
  await turn.say(says.task(task.due_at, zone));
}

async function makeReminder(turn: Turn, { services, id, zone }: Writer, memoryId: string, when: string): Promise<void> {
  const reminder = await createReminder(services, id, { memory_id: memoryId, fire_at: when, source_key: turn.key });
  await turn.say(says.reminded(reminder.fire_at, zone));
}

async function pressNotice(turn: Turn, { services, id }: Writer, token: string, press: string): Promise<void> {
  if (press === 'yes' || press === 'no') {
    const event = await eventOfToken(services, id, token);
    return turn.toast(event === undefined ? says.over : await pressEvent(services, id, event, press));
  }
  const reminder = await reminderOfToken(services, id, token);
  if (reminder === undefined) return turn.toast(says.over);
  if (press === 'when') return ask(turn, 'reschedule', reminder);
  return turn.toast(await pressReminder(services, id, reminder, press as 'done' | 's10' | 's60' | 'tom' | 'stop', turn.key));
}

async function ask(turn: Turn, waits: 'due' | 'remind' | 'reschedule', id: string): Promise<void> {
  await turn.converse({ waits, id });
  await turn.say(says.when);
}

const showMemory = (turn: Turn, memory: MemoryView): Promise<void> => turn.say(says.memory(memory.content, memory.tags.map(({ tag }) => tag)), noteButtons(memory.id));

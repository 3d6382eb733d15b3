/**
 * Memory on Telegram: what people write is kept first and understood afterwards (understand-text.ts). Buttons and half-finished conversations are rows, so that a restart changes
 * nothing; what an update changes is keyed by it, so that handling it again changes nothing more.
 */
import { startOfLocalDay } from '@carillon/calendar';
import { botCommands, botLabels as labels, botSays as says, changeMemory, changeReminder, changeSettings, changeTask, Conflict, createImage, createMemory, createReminder, createTask, confirmTags, deleteMemory, eventOfToken, findBySource, getMemory, InvalidField, listEvents, listMemories, listReminders, listTasks, NotFound, pressEvent, pressReminder, readImage, readPress, readSettingsOf, reminderOfToken, removeTag, searchMemories, setTags, standingOf, suggestTags, waitingFor } from '@carillon/memory';
import type { MemoryServices, MemoryView, ModelReader } from '@carillon/memory';
import { databaseNow, telegramIdOf } from '@carillon/persistence';
import type { TelegramSurface, Turn } from '../telegram/surface.js';
import { duePicker, labelled, labelOf, noteButtons, reminderPicker, shownButtons } from './telegram-buttons.js';
import type { Pressed, Writer } from './telegram-buttons.js';
import { choose, isAnswer, keepText, sayNoted, takeAnswer } from './understand-text.js';

/** Fetches a file that somebody sent; undefined when it is too large. */
export type Download = (fileId: string, mostBytes: number) => Promise<Uint8Array | undefined>;

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
      if (error instanceof NotFound) await turn.say(says.toast.over);
      else if (error instanceof InvalidField || error instanceof Conflict) await turn.say(says.refused(error.message));
      else throw error;
    }
    return true;
  };
  /** Whoever is not let in hears so, and by which number they would be. */
  const orRefuse = async (turn: Turn, work: (writer: Writer) => Promise<void>): Promise<void> => {
    if (!(await asPerson(turn, work))) await turn.say(says.stranger((await telegramIdOf(services.dataSource.manager, turn.chat.ref)) ?? ''));
  };
  const command = (name: keyof typeof botCommands, work: (turn: Turn, writer: Writer) => Promise<void>) => ({ says: { en: botCommands[name] }, handle: (turn: Turn) => orRefuse(turn, (writer) => work(turn, writer)) });
  const press = (work: (turn: Turn, writer: Writer, id: string, pressed: Pressed) => Promise<void>) => async (turn: Turn, payload: Record<string, unknown>) => {
    const pressed = { id: '', when: '', ...payload } as Pressed;
    return orRefuse(turn, (writer) => work(turn, writer, pressed.id, pressed));
  };
  /** A message that answers nothing. */
  const take = (turn: Turn, writer: Writer): Promise<void> => (turn.message?.photo ? keepPhoto(turn, writer, download) : keepText(turn, writer));

  return {
    name: 'memory',
    commands: {
      find: command('find', async (turn, { id }) => {
        const hits = await searchMemories(services, id, { q: turn.text, limit: 5 });
        await turn.say(hits.length === 0 ? says.nothingFound : says.found, hits.map(({ memory }) => [labelled(labelOf(memory), 'open', memory.id)]));
      }),
      pinned: command('pinned', async (turn, { id }) => {
        const hits = await searchMemories(services, id, { pinned: true, limit: 10 });
        await turn.say(hits.length === 0 ? says.nothingFound : says.pinnedOnes, hits.map(({ memory }) => [labelled(labelOf(memory), 'open', memory.id)]));
      }),
      tasks: command('tasks', async (turn, { id }) => {
        const tasks = await listTasks(services, id, { state: 'NOT_DONE', limit: 10 });
        await turn.say(tasks.length === 0 ? says.noTasks : says.toDo, tasks.map((task) => [labelled(task.description, 'done', task.id)]));
      }),
      reminders: command('reminders', async (turn, { id, zone }) => {
        const next = await listReminders(services, id, { upcoming: true, limit: 10 });
        await turn.say(next.length === 0 ? says.noReminders : next.map((one) => says.upcoming(one.text ?? '…', one.fire_at, zone)).join('\n'));
      }),
      queue: command('queue', async (turn, { id, zone }) => {
        const [images, events] = [(await listMemories(services, id, { status: 'pending', limit: 5 })).map((memory) => [labelled(labelOf(memory), 'open', memory.id)]), (await listEvents(services, id, { status: 'pending', limit: 5 })).map((event) => [labelled(`📅 ${event.description}`, 'event', event.id)])];
        await turn.say(says.queue(await waitingFor(services, id), zone), [...images, ...events]);
      }),
      status: command('status', async (turn, { id, zone }) => turn.say(says.status(await standingOf(services, id), zone))),
      zone: command('zone', async (turn, writer) => {
        if (turn.text !== '') return setZone(turn, writer);
        await turn.converse({ waits: 'zone' });
        await turn.say(says.zone(writer.zone, writer.now));
      }),
    },
    readsPress: (data) => {
      const read = readPress(data);
      return read && { action: 'notice', payload: { token: read.token, press: read.press } };
    },
    presses: {
      open: press((turn, writer, id) => showMemory(turn, writer, id)),
      event: press(async (turn, writer, id) => {
        const [event] = (await listEvents(services, writer.id, { status: 'pending' })).filter((one) => one.id === id);
        await turn.say(event === undefined ? says.toast.over : says.upcoming(event.description, event.event_time, writer.zone), event && [[labelled(labels.confirm, 'confirm', id), labelled(labels.reject, 'reject', id)]]);
      }),
      confirm: press(async (turn, writer, id) => turn.toast(await pressEvent(services, writer.id, id, 'yes'))),
      reject: press(async (turn, writer, id) => turn.toast(await pressEvent(services, writer.id, id, 'no'))),
      tagged: press(async (turn, writer, id) => {
        await confirmTags(services, writer.id, id);
        await turn.toast(says.toast.tagged);
      }),
      task: press(async (turn, writer, id, { what }) => {
        await changeMemory(services, writer.id, id, { status: 'confirmed' });
        await turn.say(says.dueWhen, duePicker(id, what));
      }),
      due: press(async (turn, writer, id, { when, what, reader }) => {
        if (when === 'custom') return ask(turn, 'due', id, what);
        const ahead = { today: 0, tomorrow: 1, week: 7 }[when];
        await makeTask(turn, writer, id, ahead !== undefined ? startOfLocalDay(writer.now, writer.zone, ahead) : when === 'none' ? null : new Date(when), { what, reader });
      }),
      remind: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { status: 'confirmed' });
        await turn.say(says.remindWhen, reminderPicker(id));
      }),
      at: press(async (turn, writer, id, { when, reader, asked }) => {
        if (when === 'custom') return ask(turn, 'remind', id);
        if (asked === true) await turn.converse(undefined);
        await makeReminder(turn, writer, id, when, reader);
      }),
      choose: press((turn, writer, _id, pressed) => choose(turn, writer, pressed)),
      keep_text: press(async (turn, writer, _id, { text = '', source = turn.key }) => sayNoted(turn, writer, await createMemory(services, writer.id, { content: text, source_message_id: source }, { suggest: false }))),
      open_still: press((turn) => turn.toast(says.toast.leftOpen)),
      note: press(async (turn, writer, id) => turn.show(says.noted, noteButtons(await getMemory(services, writer.id, id)))),
      keep: press(async (turn, writer, id) => {
        const memory = await getMemory(services, writer.id, id);
        await turn.show(says.memory(memory.content, memory.tags), shownButtons(memory));
      }),
      tag: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { status: 'confirmed' });
        await turn.converse({ waits: 'tags', id });
        await turn.say(says.whichTags);
      }),
      pin: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { is_pinned: true, status: 'confirmed' });
        await confirmTags(services, writer.id, id);
        await turn.toast(says.toast.pinned);
      }),
      unpin: press(async (turn, writer, id) => {
        await changeMemory(services, writer.id, id, { is_pinned: false });
        await turn.toast(says.toast.unpinned);
      }),
      delete: press((turn, _writer, id) => turn.show(says.really, [[labelled(labels.yes, 'gone', id), labelled(labels.no, 'keep', id)]])),
      gone: press(async (turn, writer, id) => {
        await deleteMemory(services, writer.id, id);
        await turn.show(says.gone);
      }),
      done: press(async (turn, writer, id) => {
        await changeTask(services, writer.id, id, { state: 'DONE' });
        await turn.toast(says.toast.done);
      }),
      notice: (turn, payload) => orRefuse(turn, (writer) => pressNotice(turn, writer, String(payload['token']), String(payload['press']))),
    },
    reply: (turn, state) =>
      orRefuse(turn, async (writer) => {
        const id = String(state['id']);
        if (state['waits'] === 'answer') {
          if (isAnswer(turn, state)) return takeAnswer(turn, writer, state);
          await turn.converse(undefined);
          return take(turn, writer);
        }
        if (state['waits'] === 'tags') {
          await editTags(turn.text, writer, id);
          await turn.converse(undefined);
          return showMemory(turn, writer, id);
        }
        if (state['waits'] === 'zone') return setZone(turn, writer);
        const time = await services.times.read(turn.text, writer.now, writer.zone, true);
        // The question stands until it is answered, or /cancel ends it.
        if (!time || time.at <= writer.now) return turn.say(time ? says.past(turn.text, time.at, writer.zone) : says.notUnderstood(turn.text));
        if (state['waits'] === 'due') await makeTask(turn, writer, id, time.at, { what: state['what'] as string | undefined, reader: time.reader });
        else if (state['waits'] === 'remind') await makeReminder(turn, writer, id, time.at.toISOString(), time.reader);
        else {
          await changeReminder(services, writer.id, id, { fire_at: time.at.toISOString(), ...(time.reader && { read_by: time.reader }) });
          await turn.say(says.reminded(time.at, writer.zone));
        }
        await turn.converse(undefined);
      }),
    message: (turn) => asPerson(turn, (writer) => take(turn, writer)),
  };
}

async function keepPhoto(turn: Turn, writer: Writer, download: Download | undefined): Promise<void> {
  const { services, id } = writer;
  const known = await findBySource(services, id, turn.key);
  if (known !== undefined) return sayPending(turn, writer, await getMemory(services, id, known), (await readImage(services, id, known).catch(() => undefined))?.bytes);
  const largest = turn.message?.photo?.at(-1);
  const bytes = largest && (await download?.(largest.file_id, services.settings.memoryImageMaxBytes));
  if (!largest || !bytes) return turn.say(says.notAnImage);
  return sayPending(turn, writer, await createImage(services, id, bytes, { fileId: largest.file_id, source: turn.key, ...(turn.text !== '' && { caption: turn.text }) }), bytes);
}

/** With what a model sees in it, if an operator named one, and the tags that this or the caption suggest. */
async function sayPending(turn: Turn, { services, id, now, zone }: Writer, memory: MemoryView, bytes: Uint8Array | undefined): Promise<void> {
  const seen = bytes && (await services.images.read(bytes, memory.content));
  const tags = await suggestTags(services, id, memory.id, (seen ?? (await services.notes.read(memory.content ?? '', now, zone)))?.tags);
  const below = seen ? [says.seen({ memory_id: memory.id, description: seen.description, tags })] : tags.length > 0 ? [says.suggested(tags)] : [];
  return turn.say([says.pending, ...below].join('\n'), noteButtons(memory, tags.length > 0));
}

async function makeTask(turn: Turn, { services, id, zone }: Writer, memoryId: string, due: Date | null, { what, reader }: { what?: string | undefined; reader?: ModelReader | undefined } = {}): Promise<void> {
  const memory = await getMemory(services, id, memoryId);
  const task = await createTask(services, id, { memory_id: memoryId, description: what ?? memory.content ?? 'Look at the image', due_at: due && due.toISOString(), source_key: turn.key, read_by: reader });
  await turn.say(says.task(task.due_at, zone));
}

async function makeReminder(turn: Turn, { services, id, zone }: Writer, memoryId: string, when: string, reader?: ModelReader): Promise<void> {
  const reminder = await createReminder(services, id, { memory_id: memoryId, fire_at: when, source_key: turn.key, read_by: reader });
  await turn.say(says.reminded(reminder.fire_at, zone));
}

async function pressNotice(turn: Turn, { services, id }: Writer, token: string, press: string): Promise<void> {
  if (press === 'yes' || press === 'no') {
    const event = await eventOfToken(services, id, token);
    return turn.toast(event === undefined ? says.toast.over : await pressEvent(services, id, event, press));
  }
  const reminder = await reminderOfToken(services, id, token);
  if (reminder === undefined) return turn.toast(says.toast.over);
  if (press === 'when') return ask(turn, 'reschedule', reminder);
  return turn.toast(await pressReminder(services, id, reminder, press as 'done' | 's10' | 's60' | 'tom' | 'stop', turn.key));
}

async function ask(turn: Turn, waits: 'due' | 'remind' | 'reschedule', id: string, what?: string): Promise<void> {
  await turn.converse({ waits, id, ...(what !== undefined && { what }) });
  await turn.say(says.when);
}

/** Names a zone, or is asked again. */
async function setZone(turn: Turn, { services, id, now }: Writer): Promise<void> {
  const { time_zone: zone } = await changeSettings(services, id, { time_zone: turn.text.trim() });
  await turn.converse(undefined);
  await turn.say(says.zoneSet(zone, now));
}

/** Adds those that are named, and takes away those with a minus in front. */
async function editTags(text: string, { services, id }: Writer, memoryId: string): Promise<void> {
  const named = text.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
  const [added, removed] = [named.filter((tag) => !/^[-−]/.test(tag)), named.filter((tag) => /^[-−]/.test(tag))];
  if (added.length > 0 || removed.length === 0) await setTags(services, id, memoryId, added, 'confirmed');
  for (const tag of removed) await removeTag(services, id, memoryId, tag.slice(1));
}

async function showMemory(turn: Turn, { services, id }: Writer, memoryId: string): Promise<void> {
  const memory = await getMemory(services, id, memoryId);
  const [words, buttons] = [says.memory(memory.content, memory.tags), shownButtons(memory)];
  if (memory.media_type === null) return turn.say(words, buttons);
  const image = await readImage(services, id, memoryId).catch(() => undefined);
  return image ? turn.picture(image.bytes, words, buttons) : turn.say(`${words}\n\n${says.pictureGone}`, buttons);
}

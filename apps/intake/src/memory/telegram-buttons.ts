/** Who writes to the bot, and the buttons below what it says of their things. */
import { botLabels as labels } from '@carillon/memory';
import type { MemoryServices, MemoryView, ModelReader } from '@carillon/memory';
import type { JsonObject } from '@carillon/engine';
import type { Buttons, TurnButton } from '../telegram/surface.js';

export interface Writer {
  services: MemoryServices;
  id: string;
  zone: string;
  now: Date;
}

/** What a press carries, as far as its action needs it. */
export interface Pressed {
  id: string;
  /** An instant, words for one, or which one of the pickers. */
  when: string;
  /** What is to be done, where that is not all that was noted. */
  what?: string;
  /** What was written, where it was not kept. */
  text?: string;
  /** The update that brought it. */
  source?: string;
  reader?: ModelReader;
  /** A question waits whose answer this is. */
  asked?: boolean;
}

const LABEL = 50;
/** What is quoted back of a text; Telegram takes 4,096 characters in all. */
const QUOTE = 300;

export const brief = (text: string, longest = QUOTE): string => {
  const letters = Array.from(text);
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join('')}…`;
};
export const labelOf = ({ content, tags }: MemoryView): string => brief(content ?? `[Image: ${tags.map(({ tag }) => tag).join(', ')}]`, LABEL);
export const button = (text: string, action: string, payload: Partial<Pressed>): TurnButton => ({ text: brief(text, LABEL), action, payload: payload as JsonObject });
export const labelled = (text: string, action: string, id: string): TurnButton => button(text, action, { id });
const pinOf = ({ id, is_pinned: pinned }: Pick<MemoryView, 'id' | 'is_pinned'>): TurnButton => (pinned ? labelled(labels.unpin, 'unpin', id) : labelled(labels.pin, 'pin', id));

/** Below what was just noted. */
export const noteButtons = (memory: Pick<MemoryView, 'id' | 'is_pinned'>, suggests = false): Buttons => {
  const { id } = memory;
  const rest = [pinOf(memory), labelled(labels.delete, 'delete', id)];
  return [...(suggests ? [tagButtons(id)] : []), [labelled(labels.task, 'task', id), labelled(labels.remind, 'remind', id)], suggests ? rest : [labelled(labels.tag, 'tag', id), ...rest]];
};
/** Below tags that are suggestions. */
const tagButtons = (id: string): TurnButton[] => [labelled(labels.confirmTags, 'tagged', id), labelled(labels.editTags, 'tag', id)];

/** Below what was looked up. */
export const shownButtons = (memory: MemoryView): Buttons => [
  ...(memory.tags.some(({ status }) => status === 'suggested') ? [[labelled(labels.confirmTags, 'tagged', memory.id)]] : []),
  [labelled(labels.editTags, 'tag', memory.id), labelled(labels.createTask, 'task', memory.id)],
  [labelled(labels.setReminder, 'remind', memory.id), pinOf(memory)],
  [labelled(labels.delete, 'delete', memory.id)],
];

/** When a task is due, and when a reminder rings. */
export const duePicker = (id: string, what?: string): Buttons => {
  const option = (text: string, when: string): TurnButton => button(text, 'due', { id, when, ...(what !== undefined && { what }) });
  return [[option(labels.today, 'today'), option(labels.tomorrow, 'tomorrow'), option(labels.nextWeek, 'week')], [option(labels.noDate, 'none'), option(labels.custom, 'custom')]];
};
export const reminderPicker = (id: string, asked = false): Buttons => {
  const option = (text: string, when: string): TurnButton => button(text, 'at', { id, when, ...(asked && { asked }) });
  return [[option(labels.oneHour, 'in 1 hour'), option(labels.tomorrowNine, 'tomorrow 9am'), option(labels.custom, 'custom')]];
};

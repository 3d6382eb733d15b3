/** What the bot says about memories, and what its buttons say. Telegram's HTML, with everything escaped that people wrote; what is shown over the chat after a press is plain. */
import { instantInWords } from '@carillon/calendar';
import type { ImageTagContent, IntentContent, TaskMatchContent } from '@carillon/shared';
import { html, render } from '@carillon/texts';
import type { Html } from '@carillon/texts';
import { memoryNotices } from './notices.js';

/** What waits for a person, or for its time. */
export interface Waiting {
  images: number;
  events: number;
  suggestedTags: number;
  reminders: number;
  nextReminder: Date | null;
  tasks: number;
  /** Notices that are on their way. */
  notices: number;
}

/** What was done last, and what is wrong. */
export interface Standing {
  now: Date;
  /** Of the system's own doing: "reminder", "fired". */
  lastDone: { what: string; action: string; at: Date } | null;
  lastTold: { at: Date; arrived: 'yes' | 'no' | 'unknown' | 'waits' } | null;
  /** Reminders that should have rung a minute ago or more. */
  overdue: number;
  /** Reminders that are set aside, as they could not be fired. */
  failing: number;
  /** Notices of the last week that did not arrive. */
  lost: number;
  model: 'none' | 'spent' | 'times' | 'notes';
  /** Images are shown to a model, while the budget lasts. */
  seesImages: boolean;
}

const EXAMPLES = 'tomorrow 9am, next Friday, in 2 hours, 2026-02-03 10:00';

export const botLabels = {
  ...{ task: 'Task', remind: 'Remind', tag: 'Tag', pin: 'Pin', unpin: 'Unpin', delete: 'Delete', createTask: 'Create Task', setReminder: 'Set Reminder', confirmTags: 'Confirm Tags', editTags: 'Edit Tags' },
  ...{ today: 'Today', tomorrow: 'Tomorrow', nextWeek: 'Next Week', noDate: 'No Date', custom: 'Custom', oneHour: '1 Hour', tomorrowNine: 'Tomorrow 9am' },
  ...{ yes: 'Yes', no: 'No', confirm: 'Confirm', reject: 'Reject', editTime: 'Edit time', justNote: 'Just a note', edit: 'Edit', search: 'Search my notes', keep: 'Keep as a note', markDone: 'Yes, mark done', reschedule: 'Reschedule', dismiss: 'Dismiss' },
} as const;

/** Of the bot's menu. */
export const botCommands = {
  ...{ find: 'Searches what you noted', pinned: 'What you pinned', tasks: 'What is to be done; tap what is done', reminders: 'What you will be reminded of' },
  ...{ queue: 'What waits for you, and what waits for its time', status: 'What was done last, and whether anything is wrong', zone: 'Your time zone' },
} as const;

export const botSays = {
  ...{ noted: html`📝 Noted.`.source, pending: html`🖼 Saved as pending! Confirm it with any of these, or it goes after a while.`.source, gone: html`Deleted.`.source, found: '🔎', pinnedOnes: '📌', toDo: '✅' },
  ...{ dueWhen: html`When is it due?`.source, remindWhen: html`When shall I remind you?`.source, really: html`Really delete it?`.source, when: html`When? For example: ${EXAMPLES}.`.source },
  whichTags: html`Which tags? Separate them by commas; a minus in front of one takes it away.`.source,
  ...{ nothingFound: html`Nothing was found.`.source, noTasks: html`Nothing is to be done.`.source, noReminders: html`No reminder is set.`.source },
  notAnImage: html`That is no picture that I can keep, or it is too large.`.source,
  pictureGone: html`<i>(The picture is not there any more.)</i>`.source,
  stranger: (number: string): string => html`This bot remembers things only for people whom its operator let in. Your number is ${number}.`.source,
  notUnderstood: (text: string): string => html`I do not understand “${text}” as a time. Write for example: ${EXAMPLES}.`.source,
  past: (what: string, at: Date, zone: string): string => html`“${what}”: ${instantInWords(at, zone)} has already passed.`.source,
  propose: (what: string, at: Date, zone: string): string => html`Shall I remind you of <b>${what}</b>, ${instantInWords(at, zone)}?`.source,
  /** In the words of the catalogue of notices, whoever says it. */
  intent: (content: IntentContent): string => render(memoryNotices, 'llm_intent_result', { ...content }).text,
  seen: (content: ImageTagContent): string => render(memoryNotices, 'llm_image_tag_result', { ...content }).text,
  taskMatch: (content: TaskMatchContent): string => render(memoryNotices, 'llm_task_match_result', { ...content }).text,
  /** Plain: they are put into the catalogue's texts. */
  ...{ whenFor: (what: string): string => `When shall I remind you of “${what}”?`, searchOrTask: 'Shall I look for this in your notes, or is it something to do?' },
  upcoming: (what: string, at: Date, zone: string): string => html`⏰ <b>${what}</b>, ${instantInWords(at, zone)}`.source,
  reminded: (at: Date, zone: string): string => html`⏰ I shall remind you, ${instantInWords(at, zone)}.`.source,
  task: (at: Date | null, zone: string): string => html`✅ It is a task${at === null ? '' : `, due ${instantInWords(at, zone)}`}.`.source,
  memory: (content: string | null, tags: readonly { tag: string; status: string }[]): string => {
    const [sure, suggested] = [tags.filter(({ status }) => status === 'confirmed'), tags.filter(({ status }) => status !== 'confirmed')].map((some) => some.map(({ tag }) => `#${tag}`).join(' '));
    return joined([html`${content ?? '🖼 An image'}`, ...(sure === '' ? [] : [html`${sure ?? ''}`]), ...(suggested === '' ? [] : [html`Suggested tags: ${suggested ?? ''}`])]);
  },
  suggested: (tags: readonly string[]): string => html`Suggested tags: ${tags.map((tag) => `#${tag}`).join(' ')}`.source,
  refused: (why: string): string => html`${why}`.source,
  zone: (zone: string, now: Date): string => joined([html`🕰 Your time zone is <b>${zone}</b>: it is ${instantInWords(now, zone)}.`, html`Which one is it to be? For example: Europe/Berlin, America/New_York. /cancel leaves it.`]),
  zoneSet: (zone: string, now: Date): string => html`🕰 Your time zone is <b>${zone}</b> now: it is ${instantInWords(now, zone)}. What repeats by a rule goes on in the zone that it was made in.`.source,
  queue: ({ images, events, suggestedTags, reminders, nextReminder, tasks, notices }: Waiting, zone: string): string => {
    const forYou = [...(images > 0 ? [counted(images, 'picture to be confirmed', 'pictures to be confirmed')] : []), ...(events > 0 ? [counted(events, 'event to be confirmed', 'events to be confirmed')] : []), ...(suggestedTags > 0 ? [counted(suggestedTags, 'suggested tag', 'suggested tags')] : []), ...(tasks > 0 ? [counted(tasks, 'open task', 'open tasks')] : [])];
    const forTime = [...(nextReminder === null ? [] : [html`${counted(reminders, 'reminder', 'reminders')}, the next ${instantInWords(nextReminder, zone)}`]), ...(notices > 0 ? [counted(notices, 'message that is on its way to you', 'messages that are on their way to you')] : [])];
    return joined([html`📥 <b>Waiting for you</b>`, ...listed(forYou), html`⏳ <b>Waiting for its time</b>`, ...listed(forTime)]);
  },
  status: ({ now, lastDone, lastTold, overdue, failing, lost, model, seesImages }: Standing, zone: string): string => {
    const told = lastTold && html`Last told you: ${instantInWords(lastTold.at, zone)}, ${ARRIVED[lastTold.arrived]}.`;
    const wrong = [
      ...(overdue > 0 ? [html`🔴 ${counted(overdue, 'reminder is', 'reminders are')} overdue: reminding does not work at the moment.`] : []),
      ...(failing > 0 ? [html`🟠 ${counted(failing, 'reminder', 'reminders')} could not be fired and will be tried again.`] : []),
      ...(lost > 0 ? [html`🟠 ${counted(lost, 'message', 'messages')} of the last week did not arrive.`] : []),
    ];
    return joined([
      ...(wrong.length > 0 ? wrong : [html`🟢 All is well.`]),
      html`It is ${instantInWords(now, zone)} in ${zone}.`,
      lastDone === null ? html`Nothing was done for you yet.` : html`Last done for you: ${lastDone.what} ${lastDone.action}, ${instantInWords(lastDone.at, zone)}.`,
      ...(told === null ? [] : [told]),
      html`${MODEL[model]}${seesImages ? ' Images that you send are shown to one.' : ''}`,
    ]);
  },
  /** Shown over the chat: plain, and short. */
  toast: {
    ...{ over: 'This is no longer there.', pinned: '📌 Pinned.', unpinned: 'Not pinned any more.', tagged: 'The tags are confirmed.', done: 'Done.', stopped: 'It does not repeat any more.', confirmed: 'Confirmed. You will be reminded.', rejected: 'Rejected.', leftOpen: 'It stays open.' },
    snoozed: (at: Date, zone: string): string => `Snoozed until ${instantInWords(at, zone)}.`,
  },
};

const ARRIVED = { yes: 'and it arrived', no: 'and it did not arrive', unknown: 'and nobody knows whether it arrived', waits: 'and it is on its way' } as const;
const MODEL = { none: 'Times are read by rules; no language model is asked.', times: 'Times are read by rules, and by a language model where the rules do not know.', notes: 'What you write is read by rules, and by a language model where the rules do not know.', spent: 'Times are read by rules alone: what the language model may cost today is spent.' } as const;

const joined = (lines: readonly Html[]): string => lines.map(({ source }) => source).join('\n');
const counted = (count: number, one: string, many: string): Html => html`${count} ${count === 1 ? one : many}`;
const listed = (lines: readonly Html[]): Html[] => (lines.length === 0 ? [html`nothing`] : lines.map((line) => html`• ${line}`));

/** What the bot says about memories. */
import { instantInWords } from '@carillon/calendar';
import { html } from '@carillon/texts';

export const says = {
  noted: html`📝 Noted.`.source,
  pending: html`🖼 Saved as pending! Confirm it with any of these, or it goes after a while.`.source,
  gone: html`Deleted.`.source,
  kept: html`Kept.`.source,
  pinned: html`📌 Pinned.`.source,
  when: html`When? For example: tomorrow 9am, next Friday, in 2 hours, 2026-02-03 10:00.`.source,
  whichTags: html`Which tags? Separate them by commas.`.source,
  dueWhen: html`When is it due?`.source,
  remindWhen: html`When shall I remind you?`.source,
  really: html`Really delete it?`.source,
  nothingFound: html`Nothing was found.`.source,
  noTasks: html`Nothing is to be done.`.source,
  noReminders: html`No reminder is set.`.source,
  notAnImage: html`That is no picture that I can keep, or it is too large.`.source,
  stranger: (number: string): string => html`This bot remembers things only for people whom its operator let in. Your number is ${number}.`.source,
  over: 'This is no longer there.',
  notUnderstood: (text: string): string => html`I do not understand “${text}” as a time. ${says.whenPlain}`.source,
  whenPlain: 'Write for example: tomorrow 9am, next Friday, in 2 hours, 2026-02-03 10:00.',
  past: (what: string, at: Date, zone: string): string => html`“${what}”: ${instantInWords(at, zone)} has already passed.`.source,
  propose: (what: string, at: Date, zone: string): string => html`Shall I remind you of <b>${what}</b>, ${instantInWords(at, zone)}?`.source,
  reminded: (at: Date, zone: string): string => html`⏰ I shall remind you, ${instantInWords(at, zone)}.`.source,
  task: (at: Date | null, zone: string): string => html`✅ It is a task${at === null ? '' : `, due ${instantInWords(at, zone)}`}.`.source,
  memory: (content: string | null, tags: readonly string[]): string => html`${content ?? '🖼 An image'}${tags.length === 0 ? '' : `\n${tags.map((tag) => `#${tag}`).join(' ')}`}`.source,
  refused: (why: string): string => html`${why}`.source,
};

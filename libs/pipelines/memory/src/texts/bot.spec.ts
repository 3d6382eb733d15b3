import { describe, expect, it } from '@jest/globals';
import { botCommands, botLabels, botSays } from './bot.js';

const AT = new Date('2026-03-01T10:00:00Z');
const ZONE = 'Europe/Berlin';
const NASTY = '<b>"milk" & eggs</b>';
const nothing = { images: 0, events: 0, suggestedTags: 0, reminders: 0, nextReminder: null, tasks: 0, notices: 0 };
const quiet = { now: AT, lastDone: null, lastTold: null, overdue: 0, failing: 0, lost: 0, model: 'none', seesImages: false } as const;

describe('what the bot says', () => {
  it('without any value', () => expect(Object.fromEntries(Object.entries(botSays).filter(([, text]) => typeof text === 'string'))).toMatchSnapshot());
  it('over the chat', () => expect({ ...botSays.toast, snoozed: botSays.toast.snoozed(AT, ZONE) }).toMatchSnapshot());
  it('on its buttons and in its menu', () => expect({ botLabels, botCommands }).toMatchSnapshot());

  it.each<[string, string]>([
    ['to a stranger', botSays.stranger('42')],
    ['of words that are no time', botSays.notUnderstood(NASTY)],
    ['of a time that has passed', botSays.past(NASTY, AT, ZONE)],
    ['proposing a reminder', botSays.propose(NASTY, AT, ZONE)],
    ['of a reminder to come', botSays.upcoming(NASTY, AT, ZONE)],
    ['of a reminder that was set', botSays.reminded(AT, ZONE)],
    ['of a task', botSays.task(AT, ZONE)],
    ['of a task without a date', botSays.task(null, ZONE)],
    ['of a memory', botSays.memory(NASTY, [{ tag: 'cat', status: 'confirmed' }, { tag: 'chair', status: 'suggested' }])],
    ['of an image without words', botSays.memory(null, [])],
    ['of a zone', botSays.zone(ZONE, AT)],
    ['of a new zone', botSays.zoneSet('Asia/Tokyo', AT)],
    ['of an empty queue', botSays.queue(nothing, ZONE)],
    ['of a full queue', botSays.queue({ images: 1, events: 2, suggestedTags: 3, reminders: 4, nextReminder: AT, tasks: 1, notices: 1 }, ZONE)],
    ['when all is well', botSays.status(quiet, ZONE)],
    ['when a model reads along', botSays.status({ ...quiet, model: 'notes', seesImages: true }, ZONE)],
    ['asking when', botSays.whenFor('x')],
    ['proposing a task', botSays.intent({ query: NASTY, intent: 'task', memory_id: 'm', results: [], action: NASTY, resolved_time: AT.toISOString(), time_zone: ZONE })],
    ['of what was found', botSays.intent({ query: NASTY, intent: 'search', memory_id: null, results: [{ memory_id: 'm', label: NASTY }] })],
    ['of a note with suggestions', botSays.intent({ query: NASTY, intent: 'general_note', memory_id: 'm', results: [], suggested_tags: ['shop', 'milk'] })],
    ['asking back', botSays.intent({ query: NASTY, intent: 'ambiguous', memory_id: 'm', results: [], followup_question: NASTY })],
    ['of what is to be seen', botSays.seen({ memory_id: 'm', description: NASTY, tags: ['cat'] })],
    ['of a task that it looks related to', botSays.taskMatch({ task_id: 't', task_description: NASTY, memory_id: 'm' })],
    ['when something is wrong', botSays.status({ now: AT, lastDone: { what: 'reminder', action: 'fired', at: AT }, lastTold: { at: AT, arrived: 'unknown' }, overdue: 1, failing: 2, lost: 3, model: 'spent', seesImages: false }, ZONE)],
  ])('%s', (_what, text) => {
    expect(text).toMatchSnapshot();
    expect(text).not.toContain('<b>"milk"');
  });
});

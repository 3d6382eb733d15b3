import type { EventConfirmationContent, EventRepromptContent, FollowupContent, ImageTagContent, IntentContent, LlmExpiryContent, LlmFailureContent, LlmHealthContent, MemoryNotices, ReminderContent, TaskMatchContent } from '@carillon/shared';
import { describe, expect, it } from '@jest/globals';
import { render } from '@carillon/texts';
import { eventButtons, readPress, reminderButtons } from '../rules/buttons.js';
import { memoryNotices } from './notices.js';

const TOKEN = 'AAAAAAAAAAAAAAAAAAAAAA';
const textOf = <Type extends keyof MemoryNotices>(type: Type, content: MemoryNotices[Type]): string => render(memoryNotices, type, { ...content }).text;
const reminder: ReminderContent = { reminder_id: 'r', memory_id: 'm', text: 'plants & <b>', memory_content: 'water them', fire_at: '2026-03-01T10:00:00Z', late_by: 0, missed: 0, time_zone: 'Europe/Berlin' };
const event: EventRepromptContent = { event_id: 'e', description: 'dentist', event_date: '2026-06-01T08:00:00Z', asked: 1, last: false, time_zone: 'Europe/Berlin' };
const found: EventConfirmationContent = { event_id: 'e', description: 'dentist', event_date: '2026-06-01T08:00:00Z', source_detail: 'Your appointment' };
const tagged: ImageTagContent = { memory_id: 'm', description: 'A cat on a chair.', tags: ['cat', 'chair'] };
const intent: IntentContent = { query: 'call mum tomorrow', intent: 'reminder', memory_id: 'm', results: [], action: 'call mum', resolved_time: '2026-03-02T08:00:00Z', time_zone: 'Europe/Berlin' };
const question: FollowupContent = { question: 'Which day?' };
const match: TaskMatchContent = { task_id: 't', task_description: 'buy milk', memory_id: 'm' };
const failure: LlmFailureContent = { job_type: 'intent_classify', memory_id: 'm', message: 'I could not make sense of this.' };
const expiry: LlmExpiryContent = { job_type: 'image_tag', memory_id: null, original_message: 'a <cat>', failure_type: 'UNAVAILABLE' };
const health: LlmHealthContent = { new_status: 'healthy', previous_status: 'unhealthy' };

describe('every type of the specification has its text', () => {
  it.each<[string, string, string]>([
    ['reminder', textOf('reminder', reminder), '⏰ <b>plants &amp; &lt;b&gt;</b>\nwater them\nSun 1 Mar 2026, 11:00'],
    ['reminder, late', textOf('reminder', { ...reminder, late_by: 7_230 }), '⏰ <b>plants &amp; &lt;b&gt;</b>\nwater them\nSun 1 Mar 2026, 11:00 (2 hours late)'],
    ['reminder, many missed', textOf('reminder', { ...reminder, text: null, missed: 11, late_by: 900, repeats: 'every 60 minutes', next_at: '2026-03-01T11:00:00Z' }), '⏰ <b>water them</b>\nSun 1 Mar 2026, 11:00 (11 missed, 15 minutes late)\nevery 60 minutes; next Sun 1 Mar 2026, 12:00'],
    ['reminder without words', textOf('reminder', { ...reminder, text: null, memory_content: null }), '⏰ <b>Reminder</b>\nSun 1 Mar 2026, 11:00'],
    ['event_reprompt', textOf('event_reprompt', event), '📅 I still need your confirmation on <b>dentist</b> on Mon 1 Jun 2026, 10:00.'],
    ['event_reprompt, the last', textOf('event_reprompt', { ...event, last: true }), '📅 I still need your confirmation on <b>dentist</b> on Mon 1 Jun 2026, 10:00.\nI shall not ask again.'],
    ['event_confirmation', textOf('event_confirmation', found), '📅 Is this an event of yours? <b>dentist</b> on Mon 1 Jun 2026, 08:00\nFound in “Your appointment”.'],
    ['llm_image_tag_result', textOf('llm_image_tag_result', tagged), '🖼 A cat on a chair.\nSuggested tags: #cat #chair'],
    ['llm_intent_result', textOf('llm_intent_result', intent), 'A reminder: <b>call mum</b>, Mon 2 Mar 2026, 09:00?'],
    ['llm_intent_result, past', textOf('llm_intent_result', { ...intent, past: true }), '“call mum”: that time has already passed.'],
    ['llm_intent_result, search', textOf('llm_intent_result', { ...intent, intent: 'search', results: [{ memory_id: 'm', label: 'mum & dad' }] }), 'Found for “call mum tomorrow”:\n1. mum &amp; dad'],
    ['llm_intent_result, note', textOf('llm_intent_result', { ...intent, intent: 'general_note', suggested_tags: ['family'] }), '📝 Noted. Suggested tags: #family'],
    ['llm_intent_result, ambiguous', textOf('llm_intent_result', { ...intent, intent: 'ambiguous', followup_question: 'A task, or a note?' }), '❓ A task, or a note?'],
    ['llm_followup_result', textOf('llm_followup_result', question), '❓ Which day?'],
    ['llm_task_match_result', textOf('llm_task_match_result', match), 'This looks related to the task <b>buy milk</b>. Is it done?'],
    ['llm_failure', textOf('llm_failure', failure), '⚠️ I could not make sense of this.\nYour note is kept.'],
    ['llm_expiry', textOf('llm_expiry', expiry), '⚠️ The language model could not be reached for so long that this was given up (image_tag, UNAVAILABLE).\n<blockquote>a &lt;cat&gt;</blockquote>'],
    ['llm_health_change', textOf('llm_health_change', health), '🟢 The language model answers again.'],
  ])('%s', (_type, text, expected) => {
    expect(text).toBe(expected);
  });

  it('a reminder of an image shows it, named by its id and never by a path', () => {
    expect(render(memoryNotices, 'reminder', { ...reminder, image: true })).toMatchObject({ photo: { kept: 'm' } });
    expect(render(memoryNotices, 'reminder', { ...reminder })).not.toHaveProperty('photo');
  });

  it('a type that is unknown is refused', () => {
    expect(() => render(memoryNotices, 'llm_dream', {})).toThrow('llm_dream');
  });
});

describe('buttons', () => {
  it('carry a token and a word, within what Telegram takes, and are read again', () => {
    const buttons = [...reminderButtons(TOKEN, true), ...eventButtons(TOKEN)].flat();
    expect(buttons.map(({ label }) => label)).toEqual(['Done', '10 min', '1 hour', 'Tomorrow 9:00', 'Reschedule', 'Stop repeating', 'Confirm', 'Reject']);
    for (const { token } of buttons) expect([token, Buffer.byteLength(token) <= 64, readPress(token)?.token]).toEqual([token, true, TOKEN]);
    expect(reminderButtons(TOKEN, false).flat().map(({ label }) => label)).not.toContain('Stop repeating');
  });

  it.each([
    ['once', reminder, 'Reschedule'],
    ['what repeats', { ...reminder, repeats: 'every minute' }, 'Stop repeating'],
  ])('stand below a reminder of %s, with the token that its notice names', (_what, content, last) => {
    const below = render(memoryNotices, 'reminder', { ...content, token: TOKEN }).buttons?.flat() ?? [];
    expect(below.map((button) => readPress('token' in button ? button.token : '')?.token)).toEqual(below.map(() => TOKEN));
    expect(below.at(-1)).toMatchObject({ text: last });
    expect(render(memoryNotices, 'reminder', { ...content })).not.toHaveProperty('buttons');
  });
  it.each(['', 'm:short:done', `m:${TOKEN}:explode`, `x:${TOKEN}:done`, `m:${TOKEN}:done:more`])('"%s" is no press', (data) => expect(readPress(data)).toBeUndefined());
});

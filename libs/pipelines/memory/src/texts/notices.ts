/** What people read of memory's notices, and the buttons below them. Times are in the zone that the notice names. */
import { instantInWords } from '@carillon/calendar';
import type { TokenButton } from '@carillon/shared';
import { html, numberOf, optionalTextOf, textOf, textsOf, timeOf } from '@carillon/texts';
import type { Catalogue, Html, NoticeContent, RenderedNotice } from '@carillon/texts';
import { reminderButtons } from '../rules/buttons.js';

export const memoryNotices: Catalogue = {
  /** `ReminderContent`: its own words, those of its memory, and how late it is. */
  reminder: (content) => {
    const [text, memory, repeats] = [optionalTextOf(content, 'text'), optionalTextOf(content, 'memory_content'), optionalTextOf(content, 'repeats')];
    const lines = [html`⏰ <b>${text ?? memory ?? 'Reminder'}</b>`];
    if (text !== undefined && memory !== undefined && memory !== text) lines.push(html`${memory}`);
    lines.push(html`${at(content, 'fire_at')}${latenessOf(content)}`);
    if (repeats !== undefined) lines.push(html`${repeats}${content['next_at'] == null ? '; this was the last time' : `; next ${at(content, 'next_at')}`}`);
    const token = optionalTextOf(content, 'token');
    const below = token === undefined ? content : { ...content, buttons: reminderButtons(token, repeats !== undefined) };
    return { ...shown(below, lines), ...(content['image'] === true && { photo: { kept: textOf(content, 'memory_id') } }) };
  },
  /** `EventRepromptContent` */
  event_reprompt: (content) => {
    const lines = [html`📅 I still need your confirmation on <b>${textOf(content, 'description')}</b> on ${at(content, 'event_date')}.`];
    if (content['last'] === true) lines.push(html`I shall not ask again.`);
    return shown(content, lines);
  },
  /** `EventConfirmationContent` */
  event_confirmation: (content) => {
    const from = optionalTextOf(content, 'source_detail');
    return shown(content, [html`📅 Is this an event of yours? <b>${textOf(content, 'description')}</b> on ${at(content, 'event_date')}`, ...(from === undefined ? [] : [html`Found in “${from}”.`])]);
  },
  /** `ImageTagContent`: the tags are suggestions. */
  llm_image_tag_result: (content) => {
    const tags = textsOf(content, 'tags');
    return shown(content, [html`🖼 ${textOf(content, 'description')}`, ...(tags.length === 0 ? [] : [html`Suggested tags: ${tags.map((tag) => `#${tag}`).join(' ')}`])]);
  },
  /** `IntentContent`: what a message was taken to mean. */
  llm_intent_result: (content) => shown(content, intentLines(content)),
  /** `FollowupContent` */
  llm_followup_result: (content) => shown(content, [html`❓ ${textOf(content, 'question')}`]),
  /** `TaskMatchContent` */
  llm_task_match_result: (content) => shown(content, [html`This looks related to the task <b>${textOf(content, 'task_description')}</b>. Is it done?`]),
  /** `LlmFailureContent`: the message is for the reader. */
  llm_failure: (content) => shown(content, [html`⚠️ ${textOf(content, 'message')}`, html`Your note is kept.`]),
  /** `LlmExpiryContent` */
  llm_expiry: (content) => {
    const original = optionalTextOf(content, 'original_message');
    return shown(content, [html`⚠️ The language model could not be reached for so long that this was given up (${textOf(content, 'job_type')}, ${textOf(content, 'failure_type')}).`, ...(original === undefined ? [] : [html`<blockquote>${original}</blockquote>`])]);
  },
  /** `LlmHealthContent` */
  llm_health_change: (content) =>
    shown(content, [textOf(content, 'new_status') === 'healthy' ? html`🟢 The language model answers again.` : html`🟠 The language model does not answer. Notes, reminders and times in plain words go on working without it.`]),
};

function intentLines(content: NoticeContent): Html[] {
  switch (textOf(content, 'intent')) {
    case 'reminder':
    case 'task': {
      const what = optionalTextOf(content, 'action') ?? textOf(content, 'query');
      if (content['past'] === true) return [html`“${what}”: that time has already passed.`];
      return [html`${textOf(content, 'intent') === 'task' ? 'A task' : 'A reminder'}: <b>${what}</b>${content['resolved_time'] == null ? '' : html`, ${at(content, 'resolved_time')}`}?`];
    }
    case 'search': {
      const results = Array.isArray(content['results']) ? content['results'] : [];
      return results.length === 0 ? [html`Nothing was found for “${textOf(content, 'query')}”.`] : [html`Found for “${textOf(content, 'query')}”:`, ...results.slice(0, 5).map((one, index) => html`${index + 1}. ${String((one as { label?: unknown }).label)}`)];
    }
    case 'ambiguous':
      return [html`❓ ${textOf(content, 'followup_question')}`];
    default: {
      const tags = content['suggested_tags'] == null ? [] : textsOf(content, 'suggested_tags');
      return [html`📝 Noted.${tags.length === 0 ? '' : ` Suggested tags: ${tags.map((tag) => `#${tag}`).join(' ')}`}`];
    }
  }
}

/** " (2 hours late)", " (11 missed)". */
function latenessOf(content: NoticeContent): string {
  const [late, missed] = [numberOf(content, 'late_by'), numberOf(content, 'missed')];
  const parts = [...(missed > 0 ? [`${missed} missed`] : []), ...(late >= 60 ? [`${durationInWords(late)} late`] : [])];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function durationInWords(seconds: number): string {
  const [amount, unit] = seconds < 3_600 ? [seconds / 60, 'minute'] : seconds < 172_800 ? [seconds / 3_600, 'hour'] : [seconds / 86_400, 'day'];
  const whole = Math.floor(amount);
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

const at = (content: NoticeContent, field: string): string => instantInWords(timeOf(content, field), optionalTextOf(content, 'time_zone') ?? 'UTC');

function shown(content: NoticeContent, lines: readonly Html[]): RenderedNotice {
  const rows = (content['buttons'] ?? []) as readonly (readonly TokenButton[])[];
  return { text: lines.map(({ source }) => source).join('\n'), ...(rows.length > 0 && { buttons: rows.map((row) => row.map(({ label, token }) => ({ text: label, token }))) }) };
}

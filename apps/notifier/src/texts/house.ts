/** The texts that belong to no pipeline: plain text for whoever publishes by hand, and what operators are told about runs. */
import { html, numberOf, optionalTextOf, textOf } from '@carillon/texts';
import type { Catalogue, NoticeContent, RenderedNotice } from '@carillon/texts';

export const houseTexts: Catalogue = {
  /** `{ text }`, shown as it is. */
  text: (content) => ({ text: html`${textOf(content, 'text')}`.source }),
  /** `{ pipeline, run_id, failures?, error? }`: how many times in a row, the latest included. */
  run_failed: (content) => runAlert(content, '🔴', failedTimes(content)),
  /** `{ pipeline, run_id, error? }`: some of the work was done, some was not. */
  run_partial: (content) => runAlert(content, '🟠', 'finished with errors'),
  /** `{ pipeline, run_id }`: the first success after failures. */
  run_recovered: (content) => runAlert(content, '🟢', 'works again'),
  /** `{ pipeline, run_id?, error?, due_at? }`: an occurrence that did not run and will not. */
  run_missed: (content) => runAlert(content, '🟡', `missed an occurrence${dueAt(content)}`),
  /** `{ pipeline, run_id?, due_at?, late_seconds }`: one that began long after it was due, or still waits. */
  run_late: (content) => runAlert(content, '🟡', `is late by ${inWords(numberOf(content, 'late_seconds'))}${dueAt(content)}`),
  /** `{ pipeline, error, seconds }`: nobody knows what it owes. */
  schedule_stalled: (content) => runAlert(content, '🔴', `can not be looked at for ${inWords(numberOf(content, 'seconds'))}, so it rings nothing`),
  /** `{ pipeline }` */
  schedule_looked_at: (content) => plain('🟢', html`<b>${textOf(content, 'pipeline')}</b> can be looked at again, or was paused`),
  /** `{ pipeline, steps, minutes }`: work that is due and that nobody takes. */
  backlog_stuck: (content) => plain('🟠', html`<b>${textOf(content, 'pipeline')}</b> is stuck: ${numberOf(content, 'steps')} steps are due, the oldest for ${numberOf(content, 'minutes')} minutes. Do the services run that own them?`),
  /** `{ pipeline }` */
  backlog_over: (content) => plain('🟢', html`<b>${textOf(content, 'pipeline')}</b> gets on again`),
  /** `{ why, seconds }` */
  engine_silent: (content) => plain('🔴', html`<b>The engine is silent</b>: ${textOf(content, 'why')}, for ${inWords(numberOf(content, 'seconds'))}. Nothing rings until one runs`),
  /** `{}` */
  engine_heard: () => plain('🟢', html`The engine is heard again; what was owed meanwhile is made up for as each schedule says`),
  /** `{ count }`: messages that nobody could handle. */
  dead_letters_many: (content) => plain('🟠', html`${numberOf(content, 'count')} dead letters are open: <code>carillon dead-letters</code> lists them`),
  /** `{ count }` */
  dead_letters_over: (content) => plain('🟢', html`Dead letters were handled, ${numberOf(content, 'count')} are left`),
  /** `{ kind, pipeline, count, scopes }`: many episodes of one kind at once. */
  alert_storm: (content) => plain('🔴', html`<b>${textOf(content, 'pipeline')}</b>: ${numberOf(content, 'count')} schedules are ${textOf(content, 'kind')} at once, among them ${scopesOf(content)}. <code>carillon alerts</code> lists them`),
};

function runAlert(content: NoticeContent, mark: string, happened: string): RenderedNotice {
  const [run, error] = [optionalTextOf(content, 'run_id'), optionalTextOf(content, 'error')];
  const lines = [html`${mark} <b>${textOf(content, 'pipeline')}</b> ${happened}`];
  if (error !== undefined) lines.push(html`<pre>${error}</pre>`);
  if (run !== undefined) lines.push(html`Run <code>${run}</code>`);
  return { text: lines.join('\n') };
}

const plain = (mark: string, text: { source: string }): RenderedNotice => ({ text: `${mark} ${text.source}` });

const dueAt = (content: NoticeContent): string => {
  const due = optionalTextOf(content, 'due_at');
  return due === undefined ? '' : ` (due ${due})`;
};

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
}

function scopesOf(content: NoticeContent): string {
  const scopes = Array.isArray(content['scopes']) ? content['scopes'] : [];
  return scopes.map((scope) => (scope === '' ? 'its own' : String(scope))).join(', ');
}

function failedTimes(content: NoticeContent): string {
  const failures = content['failures'] == null ? 1 : numberOf(content, 'failures');
  return failures > 1 ? `failed ${failures} times in a row` : 'failed';
}

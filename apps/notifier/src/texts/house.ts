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
  /** `{ pipeline, run_id?, error? }`: an occurrence that did not run, or ran late. */
  run_missed: (content) => runAlert(content, '🟡', 'missed an occurrence'),
};

function runAlert(content: NoticeContent, mark: string, happened: string): RenderedNotice {
  const [run, error] = [optionalTextOf(content, 'run_id'), optionalTextOf(content, 'error')];
  const lines = [html`${mark} <b>${textOf(content, 'pipeline')}</b> ${happened}`];
  if (error !== undefined) lines.push(html`<pre>${error}</pre>`);
  if (run !== undefined) lines.push(html`Run <code>${run}</code>`);
  return { text: lines.join('\n') };
}

function failedTimes(content: NoticeContent): string {
  const failures = content['failures'] == null ? 1 : numberOf(content, 'failures');
  return failures > 1 ? `failed ${failures} times in a row` : 'failed';
}

/** What people are told about jobs and boards. One text serves all channels: mails get it as text and as HTML, with the first line as subject. */
import { html, inUtc, numberOf, optionalTextOf, textOf, textsOf, timeOf } from '@carillon/texts';
import type { Catalogue, Html, NoticeContent } from '@carillon/texts';
import { changeLines, headOf, linkOf, placeOf, scoreOf, snippetLines, whyLines } from './match-lines.js';

export const jobScanNotices: Catalogue = {
  /** A posting that matches, or one that was told and changed. Content: `steps/alert-content.ts`. */
  job_match: (content) => {
    const changed = content['changes'] != null;
    const subject = `${changed ? 'Changed Job Match' : 'New Job Match'}: ${textOf(content, 'title')} at ${textOf(content, 'company')}`;
    return { subject: oneLine(subject), text: joined(matchLines(content, changed)), buttons: [[{ text: 'Open the posting', url: textOf(content, 'url') }]] };
  },
  /** `{ profile, of: run | day, count, entries: contents of matches, the best first }` */
  job_digest: (content) => {
    const count = numberOf(content, 'count');
    const subject = `${count} job ${count === 1 ? 'match' : 'matches'} for ${textOf(content, 'profile')}`;
    return { subject: oneLine(subject), text: joined(digestLines(content, subject, count)) };
  },
  /** `{ board, type, identifier, state: failing | gone | empty | recovered, failures, error? }` */
  job_board: (content) => ({ subject: oneLine(`Job board ${textOf(content, 'board')}: ${stateInWords(content)}`), text: joined(boardLines(content)) }),
};

function matchLines(content: NoticeContent, changed: boolean): Html[] {
  const [posted, again] = [optionalTextOf(content, 'posted_at'), optionalTextOf(content, 'again_since')];
  const snippets = snippetLines(content);
  return [
    html`${changed ? 'Changed Job Match' : 'New Job Match'}: ${headOf(content)}`,
    html``,
    html`Location: ${placeOf(content)}`,
    ...(posted === undefined ? [] : [html`Posted: ${posted.slice(0, 10)}`]),
    ...(again === undefined ? [] : [html`Posted again: the same job was first seen ${again.slice(0, 10)}, and closed since`]),
    html`Match quality: ${scoreOf(content)}`,
    html`${linkOf(content, 'Open the posting')}`,
    ...(changed ? [html``, html`<b>What changed</b>`, ...changeLines(content)] : []),
    html``,
    html`<b>Why it matched ${textOf(content, 'profile')}</b>`,
    ...whyLines(content),
    ...(snippets.length > 0 ? [html``, ...snippets] : []),
    html``,
    html`<i>${textOf(content, 'source')}, first seen ${inUtc(timeOf(content, 'first_seen_at'))}, job ${textOf(content, 'job_key').slice(0, 16)}, version ${textOf(content, 'version')}</i>`,
  ];
}

function digestLines(content: NoticeContent, subject: string, count: number): Html[] {
  const entries = entriesOf(content);
  return [
    html`<b>${subject}</b>`,
    ...entries.flatMap((entry, index) => [html``, html`${index + 1}. ${headOf(entry)}`, html`${placeOf(entry)} · ${scoreOf(entry)} · ${linkOf(entry, 'open')}`, html`${textsOf(entry, 'summary').join('; ')}`, ...(entry['changes'] == null ? [] : changeLines(entry)), ...snippetLines(entry)]),
    ...(count > entries.length ? [html``, html`… and ${count - entries.length} more with a lower score: <code>carillon job-scan preview ${textOf(content, 'profile')}</code> lists all`] : []),
  ];
}

function boardLines(content: NoticeContent): Html[] {
  const error = optionalTextOf(content, 'error');
  const mark = content['state'] === 'recovered' ? '🟢' : '🟠';
  return [html`${mark} <b>${textOf(content, 'board')}</b> (${textOf(content, 'type')} ${textOf(content, 'identifier')}): ${stateInWords(content)}`, ...(error === undefined ? [] : [html`<pre>${error}</pre>`])];
}

function stateInWords(content: NoticeContent): string {
  const state = textOf(content, 'state');
  const words: Readonly<Record<string, string>> = { failing: `failed ${numberOf(content, 'failures')} times in a row`, gone: 'is not there any more', empty: 'has no postings all of a sudden', recovered: 'works again' };
  return words[state] ?? state;
}

function entriesOf(content: NoticeContent): NoticeContent[] {
  const { entries } = content;
  return Array.isArray(entries) ? entries.filter((entry): entry is NoticeContent => typeof entry === 'object' && entry !== null) : [];
}

const joined = (lines: readonly Html[]): string => lines.map(({ source }) => source).join('\n');
/** A line break in a subject would be another header. */
const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();

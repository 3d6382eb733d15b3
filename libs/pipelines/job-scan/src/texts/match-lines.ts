/** One match in lines of the HTML that channels understand; every word of a board is escaped. The same lines stand in an alert of their own and, fewer, in a digest. */
import { html, numberOf, optionalTextOf, textOf, textsOf } from '@carillon/texts';
import type { Html, NoticeContent } from '@carillon/texts';

interface Part {
  text: string;
  marked: boolean;
}

export function headOf(content: NoticeContent): Html {
  return html`<b>${textOf(content, 'title')}</b> at ${textOf(content, 'company')}`;
}

/** Where it is; what a board does not tell is not made up. */
export function placeOf(content: NoticeContent): string {
  return optionalTextOf(content, 'location') ?? 'no location named';
}

export function linkOf(content: NoticeContent, text: string): Html {
  return html`<a href="${textOf(content, 'url')}">${text}</a>`;
}

export const scoreOf = (content: NoticeContent): string => `${numberOf(content, 'score')} of 100`;

export const whyLines = (content: NoticeContent): Html[] => textsOf(content, 'summary').map((line) => html`• ${line}`);

export function snippetLines(content: NoticeContent): Html[] {
  const snippets = Array.isArray(content['snippets']) ? (content['snippets'] as unknown[]) : [];
  return snippets.map((snippet) => html`<blockquote>${(Array.isArray(snippet) ? snippet : []).filter(isPart).map(({ text, marked }) => (marked ? html`<b>${text}</b>` : html`${text}`))}</blockquote>`);
}

/** What changed since it was told; nothing when it is told for the first time. */
export function changeLines(content: NoticeContent): Html[] {
  const { changes } = content as { changes?: NoticeContent };
  if (typeof changes !== 'object' || changes === null) return [];
  const field = (name: string): Html[] => {
    const change = changes[name] as { from?: unknown; to?: unknown } | undefined;
    return change ? [html`${name}: <s>${String(change.from) || 'none'}</s> → ${String(change.to) || 'none'}`] : [];
  };
  const list = (name: string, mark: string): Html[] => (Array.isArray(changes[name]) ? (changes[name] as unknown[]) : []).map((line) => html`${mark} ${String(line)}`);
  const lines = [...field('title'), ...field('location'), ...list('added', '+'), ...list('removed', '−')];
  const more = typeof changes['more'] === 'number' && changes['more'] > 0 ? [html`… and ${changes['more']} more lines`] : [];
  return lines.length === 0 ? [html`Only its layout changed.`] : [...lines, ...more];
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && typeof (value as Part).text === 'string';
}

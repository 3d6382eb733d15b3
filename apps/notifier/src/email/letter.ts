/** What an e-mail looks like: subject, text and HTML of one notice. Both bodies say the same; whoever reads no HTML misses nothing. */
import { escapeHtml } from '@carillon/texts';
import type { NoticeButton, RenderedNotice } from '@carillon/texts';
import { piecesOf, plainOf } from '../texts/markup.js';

export interface Letter {
  subject: string;
  text: string;
  html: string;
}

/** Mail programs cut long subjects anyway. */
const SUBJECT_LENGTH = 120;

export function letterOf(notice: RenderedNotice): Letter {
  const text = plainOf(notice.text);
  const links = linksOf(notice);
  return {
    subject: subjectOf(notice.subject ?? text),
    text: [text, ...links.map((link) => `${link.text}: ${link.url}`)].join('\n\n'),
    html: `<!doctype html>\n<html><head><meta charset="utf-8"></head><body dir="auto" style="font-family: sans-serif; line-height: 1.4">\n${[body(notice.text), ...links.map(button)].join('\n')}\n</body></html>\n`,
  };
}

/** The first line that says something; never more than one line, whatever a person wrote into it. */
function subjectOf(text: string): string {
  const line = (/\S[^\n]*/.exec(text)?.[0] ?? '').replace(/\s+/g, ' ').trim();
  return line.length <= SUBJECT_LENGTH ? line : `${[...line].slice(0, SUBJECT_LENGTH - 1).join('').trimEnd()}…`;
}

/** Only web addresses: what answers a press in a chat can not be pressed in a letter. */
function linksOf({ buttons = [] }: RenderedNotice): { text: string; url: string }[] {
  return buttons.flat().filter((one: NoticeButton) => 'url' in one && /^https?:\/\//i.test(one.url)) as { text: string; url: string }[];
}

/** Ends of lines are seen, and of Telegram's tags only those that a mail program knows. */
function body(html: string): string {
  let preformatted = 0;
  const pieces = piecesOf(html).map((piece) => {
    if (piece.kind === 'text') return preformatted > 0 ? escapeHtml(piece.text) : escapeHtml(piece.text).replaceAll('\n', '<br>\n');
    if (piece.tag === 'pre') preformatted += piece.kind === 'open' ? 1 : -1;
    const tag = TAGS.has(piece.tag) ? piece.tag : 'span';
    if (piece.kind === 'close') return `</${tag}>`;
    return tag === 'a' && /^(https?|mailto):/i.test(piece.href ?? '') ? `<a href="${escapeHtml(piece.href ?? '')}">` : `<${tag}>`;
  });
  return `<div>${pieces.join('')}</div>`;
}

const TAGS = new Set(['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'a', 'blockquote']);

const button = ({ text, url }: { text: string; url: string }): string => `<p><a href="${escapeHtml(url)}">${escapeHtml(text)}</a></p>`;

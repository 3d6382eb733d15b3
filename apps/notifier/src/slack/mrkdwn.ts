/** From the HTML that notices are written in to Slack's mrkdwn, https://api.slack.com/reference/surfaces/formatting. */
import type { NoticeButton } from '@carillon/texts';
import { piecesOf } from '../texts/markup.js';

const MARKS: Readonly<Record<string, string>> = { b: '*', strong: '*', i: '_', em: '_', s: '~', code: '`', pre: '```' };

export function mrkdwnOf(html: string): string {
  const links: (string | undefined)[] = [];
  const text = piecesOf(html).map((piece) => {
    if (piece.kind === 'text') return escaped(piece.text);
    if (piece.tag === 'a') return piece.kind === 'open' ? opened(links, piece.href) : links.pop() === undefined ? '' : '>';
    return MARKS[piece.tag] ?? '';
  });
  return text.join('').trim();
}

/** Buttons that lead to the web, as links; what answers a press in a chat can not be pressed through a webhook. */
export function linksBelow(buttons: readonly (readonly NoticeButton[])[] = []): string {
  return buttons.map((row) => row.flatMap((one) => ('url' in one && isWeb(one.url) ? [`<${address(one.url)}|${escaped(one.text)}>`] : [])).join(' · ')).filter((row) => row !== '').join('\n');
}

/** The only three characters that have a meaning everywhere; with "<" gone nobody is mentioned either. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function opened(links: (string | undefined)[], href: string | undefined): string {
  const target = href !== undefined && isWeb(href) ? href : undefined;
  links.push(target);
  return target === undefined ? '' : `<${address(target)}|`;
}

const isWeb = (url: string): boolean => /^https?:\/\//i.test(url);

const address = (url: string): string => escaped(url).replaceAll('|', '%7C').replace(/\s/g, '%20');

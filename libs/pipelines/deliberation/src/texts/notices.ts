/**
 * What the public and submitters are told over a channel. A public channel has readers of both languages, so its notices hold both, English first;
 * a notice to one person comes with its words in that person's language.
 */
import { html, inUtc, numberOf, optionalTextOf, textOf, textsOf, timeOf } from '@carillon/texts';
import type { Catalogue, Html, NoticeContent, RenderedNotice } from '@carillon/texts';
import { pushTexts } from '../pushes/texts.js';
import { inPersian, isolated, persianNumber, RIGHT_TO_LEFT } from './persian.js';

export const deliberationNotices: Catalogue = {
  ...pushTexts,
  /** `{ ends_at, size, topics: the first few, topics_fa?: the same in Persian, carried_over?, link? }` */
  ballot_opened: (content) => ({ text: bothLanguages(openedInEnglish(content), openedInPersian(content)), ...linkTo(content, 'Vote · رأی دادن') }),
  /** `{ size, voters, eligible, turnout: a share such as "0.6667", link? }`; no winners, as options are stances. */
  results: (content) => ({ text: bothLanguages(resultsInEnglish(content), resultsInPersian(content)), ...linkTo(content, 'Results · نتایج') }),
  /** `{ link, minutes, locale }`; by e-mail. */
  sign_in_link: signInLink,
  /** `{ reason }`, in the submitter's language. */
  submission_rejected: (content) => ({ text: html`${textOf(content, 'reason')}`.source, ...linkTo(content, 'More · بیشتر') }),
};

function signInLink(content: NoticeContent): RenderedNotice {
  const [link, minutes] = [textOf(content, 'link'), numberOf(content, 'minutes')];
  if (content['locale'] === 'fa') {
    return {
      subject: 'پیوند ورود شما',
      text: html`برای ورود، این صفحه را باز کنید:\n${link}\n\nاین پیوند یک بار و تا ${persianNumber(minutes)} دقیقه کار می‌کند. اگر شما آن را نخواسته‌اید، کاری لازم نیست.`.source,
    };
  }
  return { subject: 'Your sign-in link', text: html`Open this page to sign in:\n${link}\n\nThe link works once, for ${minutes} minutes. If you did not ask for it, there is nothing to do.`.source };
}

function openedInEnglish(content: NoticeContent): Html[] {
  const [size, topics, carriedOver] = [numberOf(content, 'size'), textsOf(content, 'topics'), carriedOverOf(content)];
  const lines = [html`<b>A ballot is open</b> until ${inUtc(timeOf(content, 'ends_at'))}, on ${counted(size, 'topic')}:`, html``, ...topics.map((topic) => html`• ${isolated(topic)}`)];
  if (size > topics.length) lines.push(html`… and ${size - topics.length} more`);
  if (carriedOver > 0) lines.push(html``, html`${counted(carriedOver, 'topic')} did not fit and will be on the next ballot.`);
  return lines;
}

function openedInPersian(content: NoticeContent): Html[] {
  // Notices that were queued before topics had Persian titles lack them.
  const topics = textsOf(content, content['topics_fa'] == null ? 'topics' : 'topics_fa');
  const [size, carriedOver] = [numberOf(content, 'size'), carriedOverOf(content)];
  const lines = [
    html`<b>رأی‌گیری باز است</b>، تا ${inPersian(timeOf(content, 'ends_at'))}، دربارهٔ ${persianNumber(size)} موضوع:`,
    html``,
    // A bullet and a title in English would have the line begin at the left.
    ...topics.map((topic) => html`${RIGHT_TO_LEFT}• ${isolated(topic)}`),
  ];
  if (size > topics.length) lines.push(html`… و ${persianNumber(size - topics.length)} موضوع دیگر`);
  if (carriedOver > 0) lines.push(html``, html`${persianNumber(carriedOver)} موضوع جا نشد و در رأی‌گیری بعدی می‌آید.`);
  return lines;
}

function resultsInEnglish(content: NoticeContent): Html[] {
  const { voters, eligible, percent, size } = turnoutOf(content);
  return [
    html`<b>The ballot is closed and counted.</b>`,
    html`${counted(voters, 'person', 'people')} of ${eligible} voted (${percent.toFixed(1)} %) on ${counted(size, 'topic')}.`,
  ];
}

function resultsInPersian(content: NoticeContent): Html[] {
  const { voters, eligible, percent, size } = turnoutOf(content);
  return [
    html`<b>رأی‌گیری پایان یافت و رأی‌ها شمرده شد.</b>`,
    html`${persianNumber(voters)} نفر از ${persianNumber(eligible)} نفر (${persianNumber(percent, 1)} درصد) دربارهٔ ${persianNumber(size)} موضوع رأی دادند.`,
  ];
}

function turnoutOf(content: NoticeContent): { voters: number; eligible: number; percent: number; size: number } {
  return { percent: Number(textOf(content, 'turnout')) * 100, voters: numberOf(content, 'voters'), eligible: numberOf(content, 'eligible'), size: numberOf(content, 'size') };
}

const carriedOverOf = (content: NoticeContent): number => (content['carried_over'] == null ? 0 : numberOf(content, 'carried_over'));

const bothLanguages = (...parts: readonly Html[][]): string => parts.map((lines) => lines.map(({ source }) => source).join('\n')).join('\n\n');

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function linkTo(content: NoticeContent, text: string): Pick<RenderedNotice, 'buttons'> {
  const url = optionalTextOf(content, 'link');
  return url === undefined ? {} : { buttons: [[{ text, url }]] };
}

/** What one person is told over the bot, in that person's language. */
import { html, inUtc, numberOf, optionalTextOf, textOf, timeOf } from '@carillon/texts';
import type { Catalogue, NoticeContent, RenderedNotice } from '@carillon/texts';
import type { Localized } from '../entities-groups.js';
import type { Locale } from '../entities-intake.js';
import { inOwnWords } from '../texts/bot.js';
import { inPersian, persianNumber, RIGHT_TO_LEFT } from '../texts/persian.js';

/** `{ locale, size, titles: of own concerns or of the cluster, ends_at?, vote_token? }` */
export const pushTexts: Catalogue = {
  ballot_opened_to_you: (content) => told(content, opened),
  ballot_reminder: (content) => told(content, reminder),
  ballot_results_to_you: (content) => told(content, results),
  concern_joined: (content) => told(content, joined),
  concern_woken: (content) => told(content, woken),
};

type Text = (locale: Locale, content: NoticeContent) => string;

function told(content: NoticeContent, text: Text): RenderedNotice {
  const locale: Locale = content['locale'] === 'fa' ? 'fa' : 'en';
  const token = optionalTextOf(content, 'vote_token');
  const mark = locale === 'fa' ? RIGHT_TO_LEFT : '';
  const lines = text(locale, content).split('\n').map((line) => (line === '' ? '' : mark + line));
  return { text: lines.join('\n'), ...(token !== undefined && { buttons: [[{ text: locale === 'fa' ? 'رأی دادن' : 'Vote', token }]] }) };
}

const opened: Text = (locale, content) => {
  const [size, endsAt, own] = [numberOf(content, 'size'), timeOf(content, 'ends_at'), titlesOf(content)];
  const mine = own.map((title) => html`\n• ${inOwnWords(locale, title)}`);
  if (locale === 'fa') {
    return html`<b>رأی‌گیری باز است</b>، تا ${inPersian(endsAt)}، دربارهٔ ${persianNumber(size)} موضوع.${own.length === 0 ? '' : html`\n\nدغدغهٔ شما به رأی گذاشته شد:${mine}`}`.source;
  }
  return html`<b>A ballot is open</b> until ${inUtc(endsAt)}, on ${size === 1 ? '1 topic' : `${size} topics`}.${own.length === 0 ? '' : html`\n\nYour concern went to vote:${mine}`}`.source;
};

const reminder: Text = (locale, content) => {
  const endsAt = timeOf(content, 'ends_at');
  if (locale === 'fa') return html`رأی‌گیری ${inPersian(endsAt)} پایان می‌یابد و شما هنوز رأی نداده‌اید.`.source;
  return html`The ballot ends at ${inUtc(endsAt)}, and you have not voted yet.`.source;
};

const results: Text = (locale, content) => {
  const size = numberOf(content, 'size');
  if (locale === 'fa') return html`رأی‌گیری دربارهٔ ${persianNumber(size)} موضوع پایان یافت و رأی‌ها شمرده شد. نتایج عمومی است.`.source;
  return html`The ballot on ${size === 1 ? '1 topic' : `${size} topics`} is closed and counted. The results are public.`.source;
};

const joined: Text = (locale, content) => {
  const [others, [title]] = [numberOf(content, 'size') - 1, titlesOf(content)];
  const name = inOwnWords(locale, title ?? { en: textOf(content, 'subject') });
  if (locale === 'fa') return html`دغدغهٔ شما به «${name}» پیوست، در کنار ${persianNumber(others)} دغدغهٔ دیگر.`.source;
  return html`Your concern joined “${name}”, with ${others === 1 ? '1 other' : `${others} others`}.`.source;
};

const woken: Text = (locale, content) => {
  const name = inOwnWords(locale, titlesOf(content)[0] ?? { en: textOf(content, 'subject') });
  if (locale === 'fa') return html`دغدغهٔ «${name}»، که از آن پشتیبانی کرده‌اید، دوباره مطرح است. پشتیبانی شما همچنان به حساب می‌آید.`.source;
  return html`“${name}”, which you endorsed, is on the table again. Your endorsement still counts.`.source;
};

function titlesOf(content: NoticeContent): Localized[] {
  const titles = content['titles'];
  return Array.isArray(titles) ? titles.filter((title): title is Localized => typeof title === 'object' && title !== null && typeof (title as Partial<Localized>).en === 'string') : [];
}

/**
 * What the bot says about deliberation, in English and Persian: Telegram's HTML, with everything escaped that people wrote. Persian lines begin at the right, whatever their first
 * letter, and have Persian digits.
 */
import { html, inUtc } from '@carillon/texts';
import type { Html } from '@carillon/texts';
import type { Localized } from '../entities-groups.js';
import type { Locale } from '../entities-intake.js';
import type { BallotListing } from '../read/cycles.js';
import type { VoteRefusal } from '../rules/ballot.js';
import { inPersian, isolated, persianNumber, RIGHT_TO_LEFT } from './persian.js';

export interface BotWords {
  unknownPerson: string;
  linked(email: string | null): string;
  wrongCode: string;
  locked: string;
  accountHasOtherChat: string;
  chatHasOtherAccount: string;
  linkUsage: string;
  askForText: string;
  cancelled: string;
  notEligible: string;
  noBallot: string;
  nothingToEndorse: string;
  endorse: string;
  skip: string;
  back: string;
  cancel: string;
  endorsed: string;
  concernClosed: string;
  concernAsleep: string;
  voted(chosen: number, of: number, changesLeft: number): string;
  refused: Readonly<Record<VoteRefusal, string>>;
  language: string;
  languageSet: string;
}

export const botWords = (locale: Locale): BotWords => WORDS[locale];

/** A number as people of this language write it. */
export const shownNumber = (locale: Locale, value: number): string => (locale === 'fa' ? persianNumber(value) : String(value));

/** A text of ours or of others in the reader's language, in its own direction. */
export const inOwnWords = (locale: Locale, text: Localized): string => isolated((locale === 'fa' ? text.fa : undefined) ?? text.en);

/** One policy of the ballot with lettered options. */
export function policyText(locale: Locale, item: BallotListing, { of, endsAt }: { of: number; endsAt: Date }): string {
  const place = [shownNumber(locale, item.position), shownNumber(locale, of)];
  const head = locale === 'fa' ? html`<b>موضوع ${place[0] ?? ''} از ${place[1] ?? ''}</b> · تا ${inPersian(endsAt)}` : html`<b>Policy ${place[0] ?? ''} of ${place[1] ?? ''}</b> · until ${inUtc(endsAt)}`;
  const options = item.options.map((option, index) => html`<b>${letter(locale, index)}.</b> ${inOwnWords(locale, option.label)}\n${inOwnWords(locale, option.description)}`);
  return lines(locale, [head, html``, html`${inOwnWords(locale, item.question)}`, ...options.flatMap((option) => [html``, option])]);
}

/** A concern that can be endorsed. */
export function concernText(locale: Locale, concern: { question: Localized; size: number; endorsements: number }): string {
  const [size, endorsements] = [shownNumber(locale, concern.size), shownNumber(locale, concern.endorsements)];
  const counted = locale === 'fa' ? html`${size} نظر · ${endorsements} پشتیبانی` : html`${size} submissions · ${endorsements} endorsements`;
  return lines(locale, [html`${inOwnWords(locale, concern.question)}`, html``, counted]);
}

/** The letter of an option: of the reader's alphabet. */
export function letter(locale: Locale, index: number): string {
  return (locale === 'fa' ? ['الف', 'ب', 'پ', 'ت'] : ['A', 'B', 'C', 'D'])[index] ?? shownNumber(locale, index + 1);
}

/** Every line of a Persian message begins at the right. */
function lines(locale: Locale, texts: readonly Html[]): string {
  const mark = locale === 'fa' ? RIGHT_TO_LEFT : '';
  return texts.map(({ source }) => source.split('\n').map((line) => (line === '' ? '' : mark + line)).join('\n')).join('\n');
}

const en: BotWords = {
  unknownPerson: 'Your Telegram is not linked yet. Sign in on the web, ask for a code there, and send it here as /link CODE.',
  linked: (email) => `Your Telegram is linked${email === null ? '' : ` to ${email}`}. You can take part once it has been linked for a while.`,
  wrongCode: 'This code is wrong, used or over. Ask for a new one on the web.',
  locked: 'Too many wrong codes. Please try again tomorrow.',
  accountHasOtherChat: 'That account is linked to another Telegram already.',
  chatHasOtherAccount: 'This Telegram is linked to another account already.',
  linkUsage: 'Send the code that the web showed you: /link CODE',
  askForText: 'Write what concerns you, in your own words, in one message. What is accepted becomes public for good, without your name. /cancel to leave it.',
  cancelled: 'Nothing was done.',
  notEligible: 'You can take part once your e-mail and this Telegram have been linked for a while. Please try again later.',
  noBallot: 'No ballot is open now. You will be told when one opens.',
  nothingToEndorse: 'There is no concern left for you to endorse. New ones come all the time.',
  endorse: 'Endorse',
  skip: 'Skip',
  back: 'Back',
  cancel: 'Cancel',
  endorsed: 'Endorsed.',
  concernClosed: 'This concern is not open any more.',
  concernAsleep: 'This concern is asleep: no group holds it now. It can be endorsed again when it wakes.',
  voted: (chosen, of, changesLeft) => `Your vote is recorded: ${chosen} of ${of}. ${changesLeft === 0 ? 'It can not be changed any more.' : `You can change it ${changesLeft === 1 ? 'once' : `${changesLeft} times`} until the ballot ends; the last one counts.`}`,
  refused: {
    no_such_cycle: 'That ballot is over.',
    cycle_closed: 'The ballot closed before your vote came. It was not counted.',
    not_eligible: 'You can vote once you have been linked for a while and have submitted or endorsed something.',
    empty_vote: 'You skipped every policy, so nothing was recorded.',
    not_on_ballot: 'This is not on the ballot any more. Please begin again with /vote.',
    option_not_on_ballot: 'This is not on the ballot any more. Please begin again with /vote.',
    several_options_for_one_item: 'Please begin again with /vote.',
    vote_change_limit_reached: 'You have changed your vote as often as you may. The last one counts.',
  },
  language: 'Choose your language.',
  languageSet: 'From now on in English.',
};

const fa: BotWords = {
  unknownPerson: 'تلگرام شما هنوز متصل نشده است. در وب وارد شوید، آنجا یک کد بگیرید و آن را اینجا به شکل ‎/link CODE بفرستید.',
  linked: (email) => `تلگرام شما${email === null ? '' : ` به ${isolated(email)}`} متصل شد. پس از گذشت مدتی می‌توانید مشارکت کنید.`,
  wrongCode: 'این کد نادرست یا استفاده‌شده است یا زمانش گذشته است. در وب کد تازه‌ای بگیرید.',
  locked: 'کدهای نادرست زیادی فرستاده شد. لطفاً فردا دوباره تلاش کنید.',
  accountHasOtherChat: 'آن حساب پیش‌تر به تلگرام دیگری متصل شده است.',
  chatHasOtherAccount: 'این تلگرام پیش‌تر به حساب دیگری متصل شده است.',
  linkUsage: 'کدی را که وب به شما نشان داد بفرستید: ‎/link CODE',
  askForText: 'دغدغهٔ خود را با زبان خودتان و در یک پیام بنویسید. آنچه پذیرفته شود برای همیشه و بدون نام شما عمومی می‌شود. برای انصراف ‎/cancel',
  cancelled: 'کاری انجام نشد.',
  notEligible: 'پس از گذشت مدتی از اتصال ایمیل و این تلگرام می‌توانید مشارکت کنید. لطفاً بعداً دوباره تلاش کنید.',
  noBallot: 'اکنون رأی‌گیری بازی وجود ندارد. هنگام آغاز به شما خبر می‌دهیم.',
  nothingToEndorse: 'دغدغه‌ای برای پشتیبانی شما نمانده است. دغدغه‌های تازه همیشه می‌رسند.',
  endorse: 'پشتیبانی می‌کنم',
  skip: 'رد شدن',
  back: 'بازگشت',
  cancel: 'انصراف',
  endorsed: 'پشتیبانی شما ثبت شد.',
  concernClosed: 'این دغدغه دیگر باز نیست.',
  concernAsleep: 'این دغدغه اکنون خفته است، چون در هیچ گروهی نیست. وقتی بیدار شود دوباره می‌توانید از آن پشتیبانی کنید.',
  voted: (chosen, of, changesLeft) =>
    `رأی شما ثبت شد: ${persianNumber(chosen)} از ${persianNumber(of)}. ${changesLeft === 0 ? 'دیگر نمی‌توان آن را تغییر داد.' : `تا پایان رأی‌گیری ${persianNumber(changesLeft)} بار می‌توانید آن را تغییر دهید؛ آخرین رأی شمرده می‌شود.`}`,
  refused: {
    no_such_cycle: 'آن رأی‌گیری پایان یافته است.',
    cycle_closed: 'رأی‌گیری پیش از رسیدن رأی شما پایان یافت و رأی شمرده نشد.',
    not_eligible: 'پس از گذشت مدتی از اتصال و فرستادن یا پشتیبانی از یک دغدغه می‌توانید رأی دهید.',
    empty_vote: 'از همهٔ موضوع‌ها رد شدید، پس چیزی ثبت نشد.',
    not_on_ballot: 'این دیگر در رأی‌گیری نیست. لطفاً با ‎/vote از نو آغاز کنید.',
    option_not_on_ballot: 'این دیگر در رأی‌گیری نیست. لطفاً با ‎/vote از نو آغاز کنید.',
    several_options_for_one_item: 'لطفاً با ‎/vote از نو آغاز کنید.',
    vote_change_limit_reached: 'رأی خود را تا سقف مجاز تغییر داده‌اید. آخرین رأی شمرده می‌شود.',
  },
  language: 'زبان خود را انتخاب کنید.',
  languageSet: 'از این پس به فارسی.',
};

const WORDS: Readonly<Record<Locale, BotWords>> = { en, fa };

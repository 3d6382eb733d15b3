/**
 * Everything that a submitter reads, in English and Persian. One catalogue, typed by its English half, so that a text missing in Persian is a
 * type error and not a surprise.
 */
import type { Locale } from '../entities-intake.js';

export interface Messages {
  notEligible: string;
  dailyLimit(most: number): string;
  redactAndResend: string;
  accepted(title: string, link: string): string;
  pending(link: string): string;
  quarantined: string;
  rejected(reason: string): string;
  duplicate: string;
  /** By the reason code of the reader. */
  reasons: Readonly<Record<string, string>>;
}

export const messagesIn = (locale: Locale): Messages => MESSAGES[locale];

/** The text for a reason code; an unknown code gets the general one. */
export function reasonText(locale: Locale, code: string): string {
  const { reasons } = MESSAGES[locale];
  return reasons[code] ?? reasons['not_policy'] ?? code;
}

const en: Messages = {
  notEligible: 'You can submit once your e-mail address and your messaging account are verified and have been linked for a while. Please try again later.',
  dailyLimit: (most) => `You have reached the limit of ${most} submissions in 24 hours. Please come back later.`,
  redactAndResend: 'Your text seems to hold personal data such as an e-mail address, a phone number or an id number. Nothing was stored. Please remove it and send the text again.',
  accepted: (title, link) => `Thank you. Your submission was accepted as “${title}”: ${link}`,
  pending: (link) => `Thank you. Your submission was received and will be read soon. All concerns: ${link}`,
  quarantined: 'Thank you. Your submission was received. As several came in a short time, it is held for a while and then read as usual.',
  rejected: (reason) => `Your submission was not accepted. ${reason}`,
  duplicate: 'This submission was received before; nothing was stored twice.',
  reasons: {
    empty: 'It holds no text. Please write what concerns you.',
    greeting: 'It reads like a greeting. Please write what concerns you in public life.',
    gibberish: 'We could not read it. Please write it in full sentences.',
    too_short: 'It is too short to be understood. Please say in a sentence what should change, and why.',
    no_statement: 'It makes no statement. Please say what should change, or what worries you.',
    advertisement: 'It reads like an advertisement. Please write about a public matter.',
    links_only: 'It holds links only. Please say in your own words what concerns you.',
    platform_question: 'It is a question about this platform. Please write about a public matter.',
    private_matter: 'It reads like a private matter. Please write about something that concerns the public.',
    insult_only: 'It holds insults only. Please say what should change, and why.',
    not_policy: 'It does not seem to be about a public matter. Please write about governance, laws, rights, the economy or public life.',
  },
};

const fa: Messages = {
  notEligible: 'پس از تأیید ایمیل و حساب پیام‌رسان و گذشت مدتی از اتصال آن‌ها می‌توانید نظر خود را بفرستید. لطفاً بعداً دوباره تلاش کنید.',
  dailyLimit: (most) => `شما به سقف ${most.toLocaleString('fa')} نظر در ۲۴ ساعت رسیده‌اید. لطفاً بعداً دوباره سر بزنید.`,
  redactAndResend: 'به نظر می‌رسد متن شما اطلاعات شخصی مانند ایمیل، شمارهٔ تلفن یا شمارهٔ شناسایی دارد. چیزی ذخیره نشد. لطفاً آن را حذف کنید و متن را دوباره بفرستید.',
  accepted: (title, link) => `سپاس. نظر شما با عنوان «${title}» پذیرفته شد: ${link}`,
  pending: (link) => `سپاس. نظر شما دریافت شد و به‌زودی خوانده می‌شود. همهٔ دغدغه‌ها: ${link}`,
  quarantined: 'سپاس. نظر شما دریافت شد. چون در زمان کوتاهی چند نظر رسیده است، مدتی نگه داشته و سپس مانند همیشه خوانده می‌شود.',
  rejected: (reason) => `نظر شما پذیرفته نشد. ${reason}`,
  duplicate: 'این نظر پیش‌تر دریافت شده بود؛ چیزی دوباره ذخیره نشد.',
  reasons: {
    empty: 'متنی در آن نیست. لطفاً دغدغهٔ خود را بنویسید.',
    greeting: 'به نظر می‌رسد احوال‌پرسی باشد. لطفاً دغدغهٔ خود دربارهٔ امور عمومی را بنویسید.',
    gibberish: 'نتوانستیم آن را بخوانیم. لطفاً آن را در جمله‌های کامل بنویسید.',
    too_short: 'برای فهمیدن بسیار کوتاه است. لطفاً در یک جمله بگویید چه چیزی باید تغییر کند و چرا.',
    no_statement: 'حرف مشخصی در آن نیست. لطفاً بگویید چه چیزی باید تغییر کند یا نگران چه هستید.',
    advertisement: 'به نظر می‌رسد تبلیغ باشد. لطفاً دربارهٔ موضوعی عمومی بنویسید.',
    links_only: 'فقط پیوند دارد. لطفاً دغدغهٔ خود را با زبان خودتان بنویسید.',
    platform_question: 'پرسشی دربارهٔ همین سامانه است. لطفاً دربارهٔ موضوعی عمومی بنویسید.',
    private_matter: 'به نظر می‌رسد موضوعی شخصی باشد. لطفاً دربارهٔ چیزی بنویسید که به همه مربوط است.',
    insult_only: 'فقط توهین دارد. لطفاً بگویید چه چیزی باید تغییر کند و چرا.',
    not_policy: 'به نظر نمی‌رسد دربارهٔ موضوعی عمومی باشد. لطفاً دربارهٔ حکومت، قانون، حقوق، اقتصاد یا زندگی عمومی بنویسید.',
  },
};

const MESSAGES: Readonly<Record<Locale, Messages>> = { en, fa };

/** What the bot itself says, whichever pipeline is behind it. */

interface BotTexts {
  /** Above the list of commands. */
  help: string;
  /** A message that nobody takes. */
  notUnderstood: string;
  /** A button that is over. */
  stale: string;
  cancelled: string;
  noPicture: string;
  /** Of /cancel, in the menu. */
  cancel: string;
}

const TEXTS: Readonly<Record<'en' | 'fa', BotTexts>> = {
  en: {
    help: 'What you can do here:',
    notUnderstood: 'I do not know what to do with this. /help shows what you can do here.',
    stale: 'This button is no longer valid. Please begin again.',
    cancelled: 'Cancelled.',
    noPicture: '<i>(The picture could not be shown.)</i>',
    cancel: 'Leave what was begun',
  },
  fa: {
    help: 'کارهایی که اینجا می‌توانید بکنید:',
    notUnderstood: 'نمی‌دانم با این پیام چه کنم. ‏/help نشان می‌دهد اینجا چه می‌توانید بکنید.',
    stale: 'این دکمه دیگر معتبر نیست. لطفاً از نو آغاز کنید.',
    cancelled: 'انجام نشد.',
    noPicture: '<i>(تصویر را نمی‌توان نشان داد.)</i>',
    cancel: 'انصراف از کار نیمه‌تمام',
  },
};

export const botTexts = (locale: string): BotTexts => TEXTS[locale === 'fa' ? 'fa' : 'en'];

/** What a ballot says when no model is asked: templates that hold for any topic and take no side. */
import type { OptionAnswer } from '../prompts/options.js';
import type { Localized } from '../entities-groups.js';

/** A question that names the topic and nothing else. */
export function templatedQuestion(title: Localized): Localized {
  return {
    en: `People raised concerns about “${title.en}” and their views differ. What should be done?`,
    fa: `مردم درباره «${title.fa ?? title.en}» نگرانی‌هایی مطرح کرده‌اند و دیدگاه‌ها متفاوت است. چه باید کرد؟`,
  };
}

/** Two options that fit every question: the concerns are taken up, or things stay as they are. */
export function templatedOptions(cluster: { title: Localized; summary: Localized }): OptionAnswer[] {
  const title = { en: cluster.title.en, fa: cluster.title.fa ?? cluster.title.en };
  const summary = { en: cluster.summary.en, fa: cluster.summary.fa ?? cluster.summary.en };
  return [
    {
      label: { en: 'Support: act on these concerns', fa: 'موافق: به این نگرانی‌ها رسیدگی شود' },
      description: {
        en: `The concerns about “${title.en}” should be acted on. In the words of one of them: ${summary.en}`,
        fa: `باید به نگرانی‌ها درباره «${title.fa}» رسیدگی شود. به بیان یکی از آن‌ها: ${summary.fa}`,
      },
    },
    {
      label: { en: 'Oppose: leave things as they are', fa: 'مخالف: وضع کنونی بماند' },
      description: {
        en: `Nothing should change about “${title.en}” because of these concerns, or other matters come first.`,
        fa: `نباید به دلیل این نگرانی‌ها درباره «${title.fa}» چیزی تغییر کند، یا مسائل دیگر در اولویت است.`,
      },
    },
  ];
}

/** The title, or the title with as many further words as it takes to be unlike every title that is taken (compared without case). */
export function distinctTitle(title: Localized, keywords: readonly string[], taken: ReadonlySet<string>): Localized {
  const mentions = title.en.toLowerCase();
  const further = keywords.filter((word) => !mentions.includes(word.toLowerCase()));
  const endings = ['', ...further.map((_, index) => `, ${further.slice(0, index + 1).join(', ')}`)];
  let ending = endings.find((one) => !taken.has((title.en + one).toLowerCase()));
  for (let number = 2; ending === undefined; number += 1) if (!taken.has(`${title.en} (${number})`.toLowerCase())) ending = ` (${number})`;
  return title.fa === undefined ? { en: title.en + ending } : { en: title.en + ending, fa: title.fa + ending };
}

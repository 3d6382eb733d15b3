/**
 * Which of the languages we can read a text is in. Only two matter to the local providers (English and Persian); everything else is
 * honestly `other`, so that nobody judges it by English rules or compares its vector with English ones.
 */
import { wordsOf } from './words.js';

/** ISO 639-1 codes of what the local providers can read, or `other`. */
export type TextLanguage = 'en' | 'fa' | 'other';

/**
 * Decides by script first and by function words second. A text without letters is `other`; a short Latin text without any known function
 * word is taken for English when it is plain ASCII letters.
 */
export function detectLanguage(text: string): TextLanguage {
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const arabic = text.match(/\p{Script=Arabic}/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return 'other';
  if (arabic * 2 >= letters) return isPersian(text) ? 'fa' : 'other';
  if (latin * 2 > letters) return isEnglish(text) ? 'en' : 'other';
  return 'other';
}

const englishWords = new Set(
  `the be to of and a in that have i it for not on with he as you do at this but his by from they we say her she or an will my one all would there their what so up out if about who
  get which go me when make can like no just him know take into your good some could them see other than then now only its over think also our how should need needs more is are was
  were has had must been don't doesn't it's why where please too`.split(/\s+/),
);
const otherLatinWords = new Set(
  `der die das und ist nicht ein eine mit für auf den dem wir sie ich zu im von sind mehr le la les des et est une pour dans que qui pas nous vous du au avec sur plus el los las
  de en y es por para con una del se más il lo gli della che non per sono di e è ve bir bu için ile da de çok ama olan değil het een van niet zijn voor op met os um uma não
  ma nie się jest na och att det som är på inte`.split(/\s+/),
);
/** Arabic function words that Persian does not use; Persian borrowed much of the vocabulary but not these. */
const arabicWords = new Set('في على إلى الى هذا هذه التي الذي كان كانت ليس لا ما عن مع أن ان لم لن قد كل نحن هو هي'.split(/\s+/));
const persianWords = new Set(
  'و در به از که این است را با برای می های ها باید آن یک هم نیست شود شده کرد ما من تا بر یا اگر چرا دارد نمی کنند کند هستند بود سلام خیلی همه ولی اما لطفا'.split(/\s+/),
);

function isPersian(text: string): boolean {
  const persianLetters = text.match(/[پچژگکی]/g)?.length ?? 0;
  const arabicLetters = text.match(/[ةىيكؤإأ]/g)?.length ?? 0;
  const rawWords = text.match(/\p{L}+/gu) ?? [];
  const persian = persianLetters + 2 * wordsOf(text).filter((word) => persianWords.has(word)).length;
  const arabic = arabicLetters + 2 * rawWords.filter((word) => arabicWords.has(word) || /^ال\p{L}{3,}/u.test(word)).length;
  return persian >= arabic;
}

function isEnglish(text: string): boolean {
  const words = wordsOf(text);
  const english = words.filter((word) => englishWords.has(word)).length;
  const foreign = words.filter((word) => otherLatinWords.has(word) && !englishWords.has(word)).length;
  if (english !== foreign) return english > foreign;
  const accented = text.match(/[^\p{ASCII}\p{P}\p{S}\p{Z}\p{N}\p{Emoji}]/gu)?.length ?? 0;
  return accented === 0 || words.length > 6 * accented;
}

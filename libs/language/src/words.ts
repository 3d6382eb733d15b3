/**
 * How text becomes words, once for the whole library: the analysis, the group titles and the hashed vectors must agree on what a word is,
 * or a Persian comment typed on an Arabic keyboard would share nothing with its twin.
 */

/** Words that carry grammar and no topic. Persian entries are already in the spelling that {@link normalizeText} gives. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above across actually after again against all almost alone along already also although always am an and another any anyone anything are around as at away back be became
  because become been before being below between both but by came can cannot can't come could couldn't did didn't do does doesn't doing don't done down due during each either else
  enough especially etc even ever every everyone everything few find first for from full further get gets getting give given go goes going gone good got great had has hasn't have
  haven't having he her here hers herself him himself his how however i i'd i'll i'm i've if in instead into is isn't it it's its itself just keep know known last least less let let's
  like lot lots made main make makes making many may maybe me mean might mine more most much must my myself near need needed needs never next no nobody none nor not nothing now of off
  often oh ok okay on once one ones only onto or other others ought our ours ourselves out over own part people per perhaps place please possible put quite rather really said same say
  says see seem seems several shall she should shouldn't since so some somebody someone something soon still stop such take takes than that that's the their theirs them themselves then
  there there's these they they're thing things think this those though through thus time times to together too toward towards truly two under until up upon us use used using various
  very via want wants was wasn't way ways we we're well were weren't what what's when where whether which while who whom whose why will wish wishes consider asking ask feel with within without won't would wouldn't yes yet
  you you're your yours yourself
  است باید کنید دهید شوید باشید لازم همیشه هستیم بشود بشه میشود بکنید
  از آن آنان آنجا آنها آنکه آیا اش اگر اما ام اند او ای ایشان ایم این اینجا اینکه با باشد باشند باید بازهم بر برای بعد بعضی بلکه بود بودن بودند بوده به بهتر بی بیش بیشتر بین پس پیش تا تحت تر ترین
  تمام تنها تو توان تواند جز چرا چند چنین چه چون چیز حال حتی خواهد خواهند خود خودش خیلی داد دارای دارد دارم دارند داریم داشت داشته در درباره دهد دهند دو دیگر را روی زیر زیرا سپس سوی شان شاید شد
  شدن شده شما شود شوند طور طی ضد علیه فقط قبل کرد کردن کردند کرده کس کسی کم کن کند کنند کنم کنیم که گاه گرفت گفت لطفا ما مانند مثل من مورد می میان نباید نبود ندارد نداریم نزدیک نمی نه نیز نیست نیستند
  ها های هایی هر هست هستم هستند هستیم هم همان همه همین هنوز هیچ و وقتی ولی وی یا یعنی یک یکی`.split(/\s+/),
);

/** NFKC, lower case, and one spelling for Persian: Arabic yeh, kaf and heh, all digits to Latin, vowel marks and joiners removed. */
export function normalizeText(text: string): string {
  return oneSpelling(text).toLowerCase();
}

/** The words of a text in order, normalised; numbers count as words. Shape: `['we', "don't", 'need', '2', 'roads']`. */
export function wordsOf(text: string): string[] {
  return spelledWordsOf(text).map((word) => word.toLowerCase());
}

/** The same words with their capitals, for what people will read. */
export function spelledWordsOf(text: string): string[] {
  return oneSpelling(text).match(/[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** The words that carry a topic: no stop words, no bare numbers, at least two letters. */
export function contentWords(text: string): string[] {
  return wordsOf(text).filter(isContentWord);
}

/** Whether a normalised word carries a topic. */
export function isContentWord(word: string): boolean {
  return word.length > 1 && !stopWords.has(word) && !/^[\p{N}'-]+$/u.test(word);
}

/**
 * Sentences in order, trimmed; blank lines end a sentence too. A full stop inside a number or after a capital initial or a common
 * abbreviation ends nothing.
 */
export function sentencesOf(text: string): string[] {
  return text
    .split(/\n\s*\n|(?<=[.!?؟۔…]["')\]]*)(?<!\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Rd|Ave|Blvd|Sec|No|vs|etc|e\.g|i\.e)\.)\s+/u)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence.normalize('NFKC')));
}

/**
 * A word without its commonest ending, so that "lights" meets "light" and "قانون‌ها" meets "قانون". Deliberately light: an over-eager
 * stemmer makes unreadable titles.
 */
export function stemOf(word: string): string {
  if (word.endsWith("'s")) return stemOf(word.slice(0, -2));
  if (word.length > 9 && word.endsWith('ness')) return word.slice(0, -4);
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

function oneSpelling(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u0640\u064b-\u065f\u0670\u200d\u200e\u200f]/g, '')
    .replace(/[يىۍې]/g, 'ی')
    .replace(/[كڪ]/g, 'ک')
    .replace(/[ةۀە]/g, 'ه')
    .replace(/[أإٱ]/g, 'ا')
    .replace(/[ؤ]/g, 'و')
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[’‘`´]/g, "'")
    .replace(/\u200c/g, ' ');
}

/**
 * Whether a text has nothing that a deliberation could use, judged by rules. Each rule needs positive evidence, and none overrides a civic
 * word lightly: wrongly refusing a real concern is worse than keeping a weak one. Texts in a language we can not read pass unless they
 * are plainly no text.
 */
import { isCivicWord, isInsultWord, isPrivateWord, isPromotionWord } from './civic-words.js';
import type { TextLanguage } from './detect-language.js';
import { isContentWord, normalizeText, wordsOf } from './words.js';

/** Why a text is not usable; the words for the author are the pipeline's. */
export type RejectReason =
  | 'empty'
  | 'greeting'
  | 'gibberish'
  | 'too_short'
  | 'no_statement'
  | 'advertisement'
  | 'links_only'
  | 'platform_question'
  | 'private_matter'
  | 'insult_only';

/** The first rule that refuses the text, or undefined when it is usable. */
export function rejectReason(text: string, language: TextLanguage): RejectReason | undefined {
  if (text.trim() === '') return 'empty';
  const withoutLinks = text.replace(links, ' ');
  const words = wordsOf(withoutLinks);
  const linked = withoutLinks !== text;
  if (words.length === 0) return linked ? 'links_only' : 'gibberish';
  if (isGibberish(withoutLinks, words)) return 'gibberish';
  const plain = normalizeText(withoutLinks).replace(/[^\p{L}\p{N}' ]+/gu, ' ').replace(/\s+/g, ' ').trim();
  if (isGreeting(words, plain)) return 'greeting';
  if (fillers.has(plain) || saysNothing.some((pattern) => pattern.test(plain)) || replies.some((pattern) => pattern.test(plain))) return 'no_statement';
  if (aboutConversation.some((pattern) => pattern.test(plain))) return 'platform_question';
  const content = words.filter(isContentWord);
  const civic = content.filter(isCivicWord).length;
  if (civic === 0 && aboutPlatform.some((pattern) => pattern.test(plain))) return 'platform_question';
  if (linked && content.length < 2) return 'links_only';
  if (isInsultOnly(words, content, civic)) return 'insult_only';
  if (isAdvertisement(text, content, civic, linked)) return 'advertisement';
  if (language === 'other') return undefined;
  if (civic === 0 && firstPerson.test(plain) && !claim.test(plain) && content.some(isPrivateWord)) return 'private_matter';
  // One or two words are a statement only about something public: "More sidewalks!" is, "Arcade bar" is not.
  if (civic === 0 && (words.length <= 2 || content.length === 0)) return 'too_short';
  return undefined;
}

const links = /https?:\/\/\S+|www\.\S+|\bt\.me\/\S+|(?<!\S)[@#][\p{L}\p{N}_]+/giu;

/** Words that greet or thank, and words that only accompany them. A text of nothing else is a greeting. */
const greetingWords = new Set(
  'hi hii hello helo hey heyy yo greetings morning afternoon evening thanks thank thx bye goodbye cheers welcome سلام درود خوبی خوبید چطوری چطورید بخیر ممنون ممنونم مرسی متشکرم سپاس سپاسگزارم خداحافظ'.split(' '),
);
const companionWords = new Set(
  "good night day how are you doing what's up so very much nice to meet happy new year there everyone all guys folks friend friends dear and a lot today صبح شب عصر روز به همه همگی دوستان عزیز حال شما حالت چطوره خوب هستید بر علیکم خسته نباشید و".split(' '),
);

function isGreeting(words: readonly string[], plain: string): boolean {
  const greets = words.some((word) => greetingWords.has(word)) || /^(?:how are you|what's up|nice to meet|happy new year|خسته نباشید|حالت چطوره)/u.test(plain);
  return greets && words.every((word) => greetingWords.has(word) || companionWords.has(word));
}

/** Whole texts that answer a form and say nothing. */
const fillers = new Set([
  ...['ok', 'okay', 'k', 'yes', 'no', 'nope', 'yep', 'yeah', 'true', 'false', 'maybe', 'same', 'ditto', 'see above', 'not sure', 'pass', 'skip', 'next', 'done', 'whatever'],
  ...['none', 'nothing', 'n a', 'na', 'idk', "don't know", "i don't know", 'i dont know', "i don't care", "don't have any", "i don't have any", 'test', 'testing', 'asdf', 'lol', 'haha'],
  ...['agree', 'agreed', 'disagree', 'i agree', 'i disagree', 'strongly agree', 'strongly disagree', 'cool', 'nice', 'good', 'great', 'wow', 'hmm'],
  ...['بله', 'خیر', 'نه', 'اره', 'آره', 'باشه', 'تست', 'آزمایش', 'هیچی', 'هیچ', 'نمی دانم', 'نمیدانم', 'نمی دونم', 'نمیدونم', 'نظری ندارم', 'موافقم', 'مخالفم', 'خوبه', 'عالی', 'عالیه'],
]);
/** "No further comments at this time", "I have nothing to add", "test test 1 2". */
const saysNothing = [
  /^(?:i (?:have|don't have|do not have) )?(?:no|any|none|nothing)(?: (?:further|more|other|specific|additional|new|else|to))*(?: (?:comments?|opinion|ideas?|thoughts?|questions?|add|say))?(?: at (?:this|the) (?:time|moment))?$/u,
  /^test(?:ing)?(?: (?:test|testing|message|\d+))+$/u,
];

/** Answers to somebody else's statement, which nobody can vote on by themselves. */
const replies = [
  /^(?:(?:yes|no|well|hmm) )?(?:i )?(?:strongly |totally |completely |fully |really )?(?:agree|disagree|second this|concur)(?: (?:with (?:this|that|you|the (?:above|previous)(?: \w+)?)|completely|strongly))?$/u,
  /^(?:strongly|totally|completely) (?:agree|disagree)\b/u,
  /^(?:truly|exactly|amen|well said|good point|same here|doubt it|how (?:ridiculous|silly|true|sad)|what nonsense|interesting (?:ideas?|question|point))\b/u,
  /^already have (?:a|an|one|that|this)\b/u,
  /^(?:(?:seems|sounds|this is|that is|it is) )?(?:(?:too|very|quite|rather) )?(?:vague|unclear|ambiguous|confusing|clear and concise)(?: a)?(?: statement| question)?(?: to have any meaning)?$/u,
];

/** Talk about the conversation that is going on here, whatever else is in it. A survey or forum that somebody wants is a public matter: only "this" one counts. */
const aboutConversation = [
  /\b(?:this|your) (?:online |virtual |web )?(?:forum|survey|questionnaire|civic assembly|poll|consultation|comment section|discussion board)\b (?:is|was|has been|seems|feels|won't)\b/u,
  /\bso much of this (?:forum|survey|poll|site|thread)\b/u,
  /^(?:excellent|great|good|bad|terrible|stupid|nice|useless) (?:online )?(?:survey|forum|poll|questionnaire)(?: form)?$/u,
  /\b(?:allowed|able|asked|invited) to participate in this$/u,
];

/** Talk about the tool itself. Counts only in a text without a civic word: "this site should be a park" and "how do I register to vote" are about the world. */
const aboutPlatform = [
  /\b(?:this|your|the present) (?:online |web )?(?:survey|form(?! of)|forum|web ?site|site|app|bot|chat ?bot|platform|poll|questionnaire|tool|software|consultation)\b/u,
  /\b(?:these|the same) (?:statements|questions|comments|submissions)\b/u,
  /\bhow (?:do|can|does|could|should) (?:i|we|one|this) (?:work|use|submit|log ?in|sign (?:in|up|out)|register|delete (?:my|an?) (?:account|submission|comment)|change (?:my|the) (?:password|e ?mail|language|account|submission)|edit (?:my|a) (?:submission|comment)|reset my password|unsubscribe)\b/u,
  /\b(?:who (?:made|built|runs|owns) (?:this|you)|are you (?:a )?(?:bot|robot|human|real|an ai)|what can you do|i can't log ?in|forgot my password|can i (?:change|delete|edit) my (?:submission|comment|account))\b/u,
  /(?:این|شما)(?: \S+)? ?(?:ربات|بات|سایت|وب سایت|اپلیکیشن|برنامه|سامانه|پلتفرم|نظرسنجی)(?: (?:چیه|چیست|چطور|چگونه|کار|مال|را|رو|شما|خراب|نمی|چرا)|$)/u,
  /(?:ربات|بات|سایت|سامانه|پلتفرم|اپلیکیشن) (?:شما|چطور|چگونه|چیست|چیه|رو کی|را کی)/u,
  /(?:چطور|چگونه)(?: می توانم| میتوانم| می تونم| میتونم)? (?:ثبت نام|وارد (?:شوم|بشم|حساب)|رمز عبور|حسابم|از این)/u,
];

const firstPerson = /(?:^|\s)(?:i|i'm|i've|i'll|my|me|mine|من|منو|مرا|خودم)(?:\s|$)|(?<=\S{2})م(?:\s|$)/u;
const claim = /\b(?:should|shouldn't|must|ought|need|needs|everyone|people|nobody|ban|legal|law)\b|باید|نباید|همه|مردم|قانون/u;

function isInsultOnly(words: readonly string[], content: readonly string[], civic: number): boolean {
  const insults = content.filter(isInsultWord).length;
  const other = content.filter((word) => !isInsultWord(word)).length;
  return insults > 0 && civic === content.filter((word) => isCivicWord(word) && isInsultWord(word)).length && (other <= 1 || insults >= other) && words.length <= 12;
}

function isAdvertisement(text: string, content: readonly string[], civic: number, linked: boolean): boolean {
  const promotions = content.filter(isPromotionWord).length;
  const shouting = /[$€£%]|!!|\bt\.me\b|@/u.test(text) ? 1 : 0;
  const needed = linked ? 2 : 3;
  return promotions >= (linked ? 1 : 2) && promotions + shouting >= needed && promotions > civic;
}

/** Text that says nothing in any language: one letter over and over, rows of the keyboard, words that nobody could pronounce. */
function isGibberish(text: string, words: readonly string[]): boolean {
  const letters = [...normalizeText(text).replace(/[^\p{L}]/gu, '')];
  if (letters.length === 0) return true;
  if (letters.length >= 4 && new Set(letters).size <= (letters.length < 12 ? 1 : 2)) return true;
  const originals = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const long = originals.filter((word) => word.length >= 4);
  return long.length > 0 && long.filter(isMash).length * 2 > long.length && !words.some((word) => isCivicWord(word) || (words.length > 3 && isContentWord(word) === false));
}

function isMash(word: string): boolean {
  const lower = word.toLowerCase();
  if (/(\p{L})\1{3,}/u.test(lower) || /(\p{L}{2,3})\1{2,}/u.test(lower)) return true;
  if (/asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert|zxcv|xcvb|cvbn|vbnm|yuiop|lkjh|شسیب|سیبل|یبلا|ضصثق|صثقف|ثقفغ|طزرذ/u.test(lower)) return true;
  // Acronyms have no vowels either: only mixed or lower case counts.
  return /^[a-z]+$/.test(lower) && word !== word.toUpperCase() && (!/[aeiouy]/.test(lower) || /[bcdfghjklmnpqrstvwxz]{6,}/.test(lower));
}

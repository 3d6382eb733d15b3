/** Which side of its own subject a text takes, by cue words. It reads what the author wants changed, not how the author feels. */
import { normalizeText } from './words.js';

export type Stance = 'support' | 'oppose' | 'neutral' | 'unclear';

/**
 * `support`: wants it, more of it, or praises it. `oppose`: wants it stopped, less of it, or warns of it. `neutral`: asks or weighs both.
 * `unclear`: no cue, or as many for one as for the other.
 */
export function stanceOf(text: string): Stance {
  const plain = normalizeText(text);
  if (weighs.test(plain)) return 'neutral';
  // A negated wish ("should not", "do not need") is removed before wishes are counted.
  const opposed = count(plain, opposes);
  const supported = count(plain.replace(opposes, ' '), supports);
  if (opposed === supported) return opposed === 0 && /[?؟]\s*$/.test(plain) ? 'neutral' : 'unclear';
  return supported > opposed ? 'support' : 'oppose';
}

const opposes = new RegExp(
  [
    /\b(?:should|must|ought to|needs? to) (?:\w+ )?be (?:banned|stopped|removed|closed|ended|eliminated|abolished|repealed|cancel+ed|prohibited|outlawed)\b|باید (?:\S+ ){0,2}(?:متوقف|ممنوع|لغو|حذف|برچیده|تعطیل)/,
    // The word after a negated wish goes with it: "should not legalize" wishes for nothing.
    /\b(?:(?:should|must|ought)(?:n't| not)(?: to)?(?: be)?(?: \w+)?|(?:do|does)(?:n't| not) (?:\w+ )?need(?: \w+)?|no need (?:for|to)|can(?:not|'t) support)\b/,
    /\b(?:against|oppose[sd]?|opposing|opposition to|disagree|stop(?:s|ping)?|ban(?:s|ned|ning)?|prohibit\w*|abolish\w*|repeal\w*|eliminat\w+|get(?:ting)? rid of|remov(?:e|ed|ing)|cancel\w*|end the|no more|too (?:many|much|expensive|high|low|few)|never should)\b/,
    /\b(?:terrible|horrible|awful|wrong|unfair|harmful|dangerous|ridiculous|disgrace\w*|a mistake|bad idea|waste of|poorly|failing|fails?|hurts?|corrupt(?:ion)?|idiocy|tyranny|outdated|nightmare|hazards?|eyesore|embarrass\w+|invasion of|violat\w+|problem|worried|afraid|fear)\b/,
    /نباید|مخالفم|مخالف|متوقف|ممنوع|لغو (?:شود|کنید|گردد)|حذف (?:شود|کنید|گردد)|جلوگیری|نمی خواهیم|نمیخواهیم|اشتباه|غیر قانونی|ظلم|ناعادلانه|خطرناک|فاجعه|بس است|نگرانم|نگران|اعتراض دارم|غلط/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'gu',
);

const supports = new RegExp(
  [
    /\b(?:should|must|ought to|needs?|need to|in favor of|in favour of|support(?:s|ed|ing)?|agree|approve|welcome[sd]?|encourage[sd]?|promote|would (?:be|love|like)|i (?:wish|hope|want)|we want|please|let's|would benefit|benefits?|deserves?)\b/,
    /\b(?:legali[sz]e[sd]?|introduce|expand(?:ing|ed)?|increas(?:e|ed|ing)|improv(?:e|ed|ing|ement)|invest|build|create|provide|add|bring|develop|enact|pass|enforce|fund|protect|preserve|complete|fix|require|offer|raise|allow|widen|encourage|give|restore|keep|more|better|higher|faster|safer|cheaper)\b/,
    /\b(?:great|excellent|wonderful|good|important|essential|crucial|enrich\w*|valuable)\b/,
    /باید|موافقم|موافق|حمایت|لازم است|ضروری|پیشنهاد|می خواهیم|میخواهیم|خواستار|لطفا|افزایش|بهبود|توسعه|ایجاد|گسترش|اجازه|آزاد (?:شود|باشد)|رایگان|نیاز داریم|نیاز دارد|بهتر است|مهم است|حق/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'gu',
);

const weighs = /\b(?:pros and cons|on the other hand|depends on|it depends|both sides|not sure (?:if|whether)|undecided|mixed feelings|neither for nor against)\b|از یک طرف|از سوی دیگر|مزایا و معایب|بستگی دارد|مطمئن نیستم/u;

function count(text: string, cues: RegExp): number {
  return text.match(cues)?.length ?? 0;
}

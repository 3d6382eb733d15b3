/**
 * What somebody wants with a line that they write: to be reminded, to do something, to find something. Decided by rules, in English and from the words alone; what they do not know is a note, or a model's to say.
 * A rule need not be right about everything: whatever it reads is proposed, and "Just a note" is one press away.
 */
import { readSpokenTime, startOfLocalDay } from '@carillon/calendar';
import type { SpokenTime } from '@carillon/calendar';

/** When it is to be. */
export interface Meant {
  at: Date;
  /** It is over already. */
  past: boolean;
}

export type Intent =
  | { readonly intent: 'reminder' | 'task'; readonly what: string; readonly time?: Meant }
  | { readonly intent: 'search'; readonly query: string }
  /** Two readings are as good as each other; the question is the catalogue's, unless a model worded one. */
  | { readonly intent: 'ambiguous'; readonly what: string; readonly question?: string }
  | { readonly intent: 'note' };

/** A longer line, or several, tell something and ask for nothing. */
const LONGEST_SEARCH = 200;

const REMIND = /^(?:please\s+)?remind\b(?:\s+(?:me|us))?(?:\s+(?:to|of|that|about)\b)?\s*/i;
const REMEMBER = /^(?:please\s+)?(?:don['’]?t|do not|never)\s+forget\s+(?:to\s+)?|^(?:please\s+)?(?:make sure|remember)\s+to\s+/i;
const MARKED = /^(?:to[- ]?do|task)\s*[:–—-]\s*|^(?:[-*]\s*)?\[\s?\]\s*/i;
const NEEDED = /^(?:(?:(?:i|we)\s+)?(?:(?:still|really|also|just)\s+)*(?:need to|have to|have got to|got to|gotta|must)|(?:i|we)['’]ve got to|(?:i|we)\s+(?:(?:still|really|also)\s+)*(?:should|ought to))\s+/i;
/** What is said so is an opinion: "I must say, I have to admit". */
const OPINION = /^(?:say|admit|confess|laugh|be\b|have\b)/i;
/** Before a time it makes a deadline of it. */
const DEADLINE = /\b(?:by|due(?:\s+(?:on|by))?|no later than)\s*$/i;
const BEFORE_A_TIME = /\s*\b(?:by|due(?:\s+(?:on|by|at))?|no later than|on|at|until|till|before|from)\s*$/i;

/** "A day", "2 hours": so long, and not then; unless somebody asked for it. */
const DURATION = /^(?:\d+(?:[.,]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|half(?:\s+an?)?|a\s+few|several|some)\s+(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)$/i;

/** "What did I note about the boiler": it asks for what was kept. */
const WHAT_I_KEPT = /^(?:what|where|when|who|whom|which|how\s+(?:much|many|long|old))\b.*?\b(?:did|have|had|do)\s+(?:i|we)\b(?:\s+(?:ever|last|just))?(?:\s+(?:note|noted|write|written|save|saved|keep|kept|say|said|store|stored|put|park|parked|leave|left|have|know|got))?(?:\s+down)?(?:\s+(?:about|on|of|for|regarding))?\s*/i;
const DID_I_KEEP = /^(?:did|have|do)\s+(?:i|we)\s+(?:ever\s+)?(?:note|noted|write|written|save|saved|keep|kept|have)\b(?:\s+down)?(?:\s+(?:anything|something|any\s+notes?|a\s+note|notes?))?(?:\s+(?:about|on|of|for))?\s*/i;
const MINE = /^(?:where|what|when|who)(?:['’]s|\s+(?:is|are|was|were))\s+(?:my|our)\s+/i;
const QUESTION = /^(?:where|what|when|who|whose|which|how|why)\b(?:['’]s|\s+(?:is|are|was|were|do|does|did|has|have|had|much|many|long|old))*\s+/i;
const ABOUT = /^(?:any(?:thing)?|my|all)?\s*(?:notes?\s+)?(?:about|on)\s+(?=.+\?$)/i;
const FIND = /^(?:please\s+|can\s+you\s+|could\s+you\s+)?(?:find|look\s+(?:up|for)|search(?:\s+(?:for|in|through|my\s+notes(?:\s+for)?|notes(?:\s+for)?))|show(?:\s+me)?(?=\s+(?:my|all|the|our|every|notes?|what)\b)|list(?=\s+(?:my|all|our|notes?|every)\b))\s+(?:me\s+)?/i;
/** "Find a plumber" may be a note that is looked for, or an errand. */
const SOMETHING_NEW = /^(?:an?|some|someone|somebody|something|another|new|more|out)\b/i;
const OF_NOTES = /^(?:(?:my|all|the|our|every)\s+)*(?:notes?|everything|anything|what\s+i\s+(?:noted|wrote|saved))\s+(?:about|on|of|for|with|regarding)\s+/i;

/** Undefined where no rule knows: it is a note, as far as they can tell. */
export function readIntent(text: string, now: Date, timeZone: string): Intent | undefined {
  const line = text.trim();
  const spoken = readSpokenTime(line, now, timeZone);
  const timed = (intent: 'reminder' | 'task', heard: SpokenTime | undefined, opening: RegExp): Intent => {
    const what = plain(heard ? withoutTime(line, heard) : line, opening);
    return { intent, what: what === '' ? line : what, ...(heard && { time: meant(intent, heard, now, timeZone) }) };
  };
  if (REMIND.test(line)) return timed('reminder', spoken, REMIND);
  const query = searchOf(line);
  if (query !== undefined) return { intent: 'search', query };
  if (MARKED.test(line) && line.replace(MARKED, '') !== '') return timed('task', spoken, MARKED);
  if (NEEDED.test(line) && !OPINION.test(line.replace(NEEDED, ''))) return timed('task', spoken, NEEDED);
  const future = spoken && !meant('reminder', spoken, now, timeZone).past && !DURATION.test(spoken.words) ? spoken : undefined;
  if (REMEMBER.test(line)) return timed(future ? 'reminder' : 'task', spoken, REMEMBER);
  if (spoken && isDeadline(line, spoken)) return timed('task', spoken, /^/);
  if (future === undefined && asksOnly(line) && FIND.test(line)) return found(line.replace(FIND, ''), line);
  return future && timed('reminder', future, /^(?:please\s+)?/i);
}

/** Whether a line is a request in its own right, so that it answers no question: "todo: …", "remind me to …", "find my …". */
export function isRequest(text: string): boolean {
  const line = text.trim();
  return REMIND.test(line) || MARKED.test(line) || searchOf(line) !== undefined || (FIND.test(line) && found(line.replace(FIND, ''), line)?.intent === 'search');
}

/** What a question back was answered with; `rest`: words beyond it, which are the person's and are kept. Undefined when it is no answer that rules know. */
export function readReply(what: string, reply: string, now: Date, timeZone: string): { intent: Intent; rest: string } | undefined {
  const line = reply.trim();
  const spoken = readSpokenTime(line, now, timeZone);
  const said = (spoken ? withoutTime(line, spoken) : line).replace(/^[.!?,;\s]+|[.!?,;\s]+$/gu, '');
  const chosen = CHOICES.find(([shape]) => shape.test(said))?.[1];
  if (chosen === 'search') return { intent: { intent: 'search', query: queryOf(what) }, rest: '' };
  if (chosen === 'note') return { intent: { intent: 'note' }, rest: '' };
  // A time alone, or first of all, answers "when?".
  const intent = chosen ?? (spoken && (said === '' || line.startsWith(spoken.words)) ? 'reminder' : undefined);
  return intent && { intent: { intent, what, ...(spoken && { time: meant(intent, spoken, now, timeZone) }) }, rest: chosen === undefined ? said : '' };
}

const CHOICES: readonly (readonly [RegExp, 'task' | 'search' | 'note' | 'reminder'])[] = [
  [/^(?:(?:it['’]?s|it\s+is|as|make\s+it|that['’]?s|an?|the)\s+)*(?:task|to-?do|something\s+to\s+do|errand)$/i, 'task'],
  [/^(?:please\s+)?(?:(?:search|find|look)(?:\s+(?:it|that|them|for\s+it|for\s+that|it\s+up|in\s+(?:my|the)\s+notes|my\s+notes))*|(?:in\s+)?my\s+notes)$/i, 'search'],
  [/^(?:(?:it['’]?s|it\s+is|just|as|an?|keep\s+it\s+as)\s+)*(?:note|neither|nothing|none|keep\s+it|never\s*mind)$/i, 'note'],
  [/^(?:please\s+)?(?:(?:it['’]?s|as|an?)\s+)*(?:reminder|remind\s+me)$/i, 'reminder'],
];

/** What is looked for, when the line asks for it. */
function searchOf(line: string): string | undefined {
  if (!asksOnly(line)) return undefined;
  const opening = [WHAT_I_KEPT, DID_I_KEEP, MINE, ...(line.endsWith('?') ? [ABOUT, QUESTION] : [])].find((one) => one.test(line));
  if (opening === undefined) return undefined;
  return queryOf(line.replace(opening, '')) || queryOf(line);
}

function found(rest: string, line: string): Intent | undefined {
  if (rest.trim() === '') return undefined;
  if (SOMETHING_NEW.test(rest)) return { intent: 'ambiguous', what: line };
  return { intent: 'search', query: queryOf(rest.replace(OF_NOTES, '')) || queryOf(rest) };
}

const queryOf = (words: string): string => words.replace(FIND, '').replace(/[?!.\s]+$/u, '').trim();

/** "What was my plan: …" tells it. */
const asksOnly = (line: string): boolean => line.length <= LONGEST_SEARCH && !/\n|[:=]\s+\S/.test(line);

const isDeadline = (line: string, { words }: SpokenTime): boolean => /^(?:by|due|no later than)\b/i.test(words) || DEADLINE.test(line.slice(0, line.indexOf(words)));

/** A day without an hour is for a task its beginning, as the pickers have it: it is not over before the day is. */
function meant(intent: 'reminder' | 'task', { at, saidTime }: SpokenTime, now: Date, timeZone: string): Meant {
  if (intent === 'reminder' || saidTime) return { at, past: at <= now };
  const day = startOfLocalDay(at, timeZone);
  return { at: day, past: day < startOfLocalDay(now, timeZone) };
}

/** The line without its time, and without the preposition that led to it. */
function withoutTime(line: string, { words }: SpokenTime): string {
  const start = line.indexOf(words);
  if (start < 0) return line;
  return `${line.slice(0, start).replace(BEFORE_A_TIME, '')} ${line.slice(start + words.length)}`.replace(/\s+/g, ' ').trim();
}

const plain = (line: string, opening: RegExp): string => line.trim().replace(opening, '').replace(/^to\s+/i, '').replace(/[\s,;:]+$/u, '').trim();

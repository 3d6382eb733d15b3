/**
 * Takes apart a submission that lists several concerns. Conservative: only an explicit enumeration, or paragraphs that each could stand
 * alone. A person's one argument cut in two is worse than two concerns kept together.
 */
import { contentWords } from './words.js';

const fewestWords = 3;

/** The concerns in order, without their numbers; the whole trimmed text as the only element when it is one concern. */
export function splitConcerns(text: string): string[] {
  const whole = text.trim();
  return enumerated(whole) ?? paragraphs(whole) ?? [whole];
}

/** "1. …  2. …", "1) … 2) …", "- …\n- …", in Latin or Persian digits; numbers must count up from one. What stands before the first is dropped when it is an introduction. */
function enumerated(text: string): string[] | undefined {
  return numbered(text) ?? bulleted(text);
}

function numbered(text: string): string[] | undefined {
  const marks: { number: number; start: number; end: number }[] = [];
  for (const match of text.matchAll(/(?<=^|[\s:;,.،؛])[(]?(\p{Nd}{1,2})[.)\-–:][ \t]*(?=\D)/gu)) {
    // The first number opens the text, a line or a list after a colon; one in mid-sentence counts something else.
    const opens = marks.length > 0 || /(?:^|[\n:.!?؟])[ \t]*$/u.test(text.slice(0, match.index));
    if (opens && digitValue(match[1] ?? '') === marks.length + 1) marks.push({ number: marks.length + 1, start: match.index, end: match.index + match[0].length });
  }
  if (marks.length < 2) return undefined;
  const parts = marks.map((mark, index) => text.slice(mark.end, marks[index + 1]?.start ?? text.length));
  return substantial(parts, text.slice(0, marks[0]?.start));
}

function bulleted(text: string): string[] | undefined {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const first = lines.findIndex((line) => bullet.test(line));
  if (first < 0 || lines.length - first < 2 || !lines.slice(first).every((line) => bullet.test(line))) return undefined;
  return substantial(lines.slice(first).map((line) => line.replace(bullet, '')), lines.slice(0, first).join(' '));
}

const bullet = /^[-*•–—]\s+/u;

/** Paragraphs separated by a blank line, each with enough of its own to be a concern. */
function paragraphs(text: string): string[] | undefined {
  const parts = text.split(/\n[ \t]*\n+/);
  if (parts.length < 2 || parts.some((part) => contentWords(part).length <= fewestWords)) return undefined;
  return parts.map(cleaned);
}

/** The parts when every one can stand alone; a long text before the first one is a concern of its own. */
function substantial(parts: readonly string[], before: string): string[] | undefined {
  const cleanedParts = parts.map(cleaned);
  if (cleanedParts.some((part) => contentWords(part).length < fewestWords - 1)) return undefined;
  const introduction = cleaned(before);
  return contentWords(introduction).length >= 3 * fewestWords && !/[:：]$/.test(before.trim()) ? [introduction, ...cleanedParts] : cleanedParts;
}

function cleaned(part: string): string {
  return part.replace(/\s+/g, ' ').trim().replace(/[;؛,،]$/, '').replace(/\s(?:and|و)$/u, '');
}

function digitValue(digits: string): number {
  return Number(digits.normalize('NFKC').replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0)).replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660)));
}

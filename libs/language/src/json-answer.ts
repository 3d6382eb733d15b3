/**
 * Finds the JSON in a model's answer. Models wrap it in code fences, introduce it in prose, or send a list where one object was asked;
 * none of that is worth another paid call.
 */

/** What the caller asked the model for. */
export type JsonShape = 'object' | 'array';

/**
 * The first JSON value of the wanted shape, or undefined when there is none. Asked for an object and given an array whose first element is
 * one, gives that element.
 */
export function findJson(answer: string, shape: JsonShape): unknown {
  const bare = answer.trim().replace(/^```[a-z0-9]*\s*\n?/i, '').replace(/\n?```$/, '').trim();
  const whole = fit(parse(bare), shape);
  if (whole !== undefined) return whole;
  for (const block of balancedBlocks(answer)) {
    const value = fit(parse(block), shape);
    if (value !== undefined) return value;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the next block may be.
    return undefined;
  }
}

function fit(value: unknown, shape: JsonShape): unknown {
  if (shape === 'array') return Array.isArray(value) ? value : undefined;
  const candidate: unknown = Array.isArray(value) ? value[0] : value;
  return typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate) ? candidate : undefined;
}

/** An answer that opens this many brackets without ever being JSON never will be; bounds the work on hostile text. */
const mostStarts = 100;

/** Every `{…}` or `[…]` whose brackets balance, in order of where it starts. */
function* balancedBlocks(text: string): Generator<string> {
  let starts = 0;
  for (let start = text.search(/[{[]/); start >= 0 && starts < mostStarts; starts += 1) {
    const end = closingBracket(text, start);
    if (end >= 0) yield text.slice(start, end + 1);
    const next = text.slice(start + 1).search(/[{[]/);
    start = next < 0 ? -1 : start + 1 + next;
  }
}

/** The index of the bracket that closes the one at `start`, or -1. Brackets inside strings do not count. */
function closingBracket(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if ((character === '}' || character === ']') && (depth -= 1) === 0) return index;
  }
  return -1;
}

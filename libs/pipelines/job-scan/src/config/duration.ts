/**
 * Durations as people write them: `15m`, `1h 30m`, or ISO 8601 such as `PT15M`. Weeks, months and years are left out, because nobody agrees how long a month is;
 * so are decimals, except of ISO seconds, which are cut.
 */

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 };
const HUMAN = /^(?:\d+\s?[smhd]\s*)+$/i;
const ISO = /^P(?=.)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/i;

/** A duration that can not be read; the message says what to write. */
export class InvalidDuration extends Error {
  override readonly name = 'InvalidDuration';
}

/** Whole seconds, at least one. @throws InvalidDuration */
export function parseDuration(text: string): number {
  const seconds = fromHuman(text.trim()) ?? fromIso(text.trim());
  if (seconds === undefined) throw new InvalidDuration(`"${text}" is no duration: write for example 15m, 1h30m or PT15M`);
  if (seconds === 0) throw new InvalidDuration(`"${text}" is no time at all: write at least one second`);
  return seconds;
}

/** Every unit that is not zero, so that what is just above a limit reads differently from the limit: 93600 is `1d 2h`. */
export function durationInWords(seconds: number): string {
  let rest = seconds;
  const parts = Object.entries(UNITS).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return parts.join(' ') || '0s';
}

function fromHuman(text: string): number | undefined {
  if (!HUMAN.test(text)) return undefined;
  return sum([...text.matchAll(/(\d+)\s?([smhd])/gi)].map(([, count, unit = '']) => Number(count) * (UNITS[unit.toLowerCase()] ?? 0)));
}

function fromIso(text: string): number | undefined {
  const match = ISO.exec(text);
  return match ? sum(Object.values(UNITS).map((size, place) => Number(match[place + 1] ?? 0) * size)) : undefined;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

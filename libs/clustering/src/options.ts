/** One way to refuse an option: its name, its value and what it may be. */
import { InvalidOptionError } from './errors.js';

/** @throws InvalidOptionError when `holds` is false. */
export function requireOption(holds: boolean, of: string, option: string, value: unknown, expected: string): void {
  if (!holds) throw new InvalidOptionError(`${of} option ${option} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}: it must be ${expected}.`);
}

/** A misspelt option must not silently leave the default in force. */
export function refuseUnknownOptions(of: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const alike = known.find((name) => name.toLowerCase() === unknown.toLowerCase().replaceAll('_', ''));
  throw new InvalidOptionError(`${of} has no option "${unknown}": ${alike ? `did you mean "${alike}"?` : `it knows ${known.join(', ')}.`}`);
}

export function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** How an event that nobody answers is asked for again: each time later, and in the end not any more. */
const HOUR_MS = 3_600_000;

/**
 * When it is asked for the next time; null when it was asked often enough. With 24 hours and three times: 24, 48 and 96 hours after the time before.
 * @param asked how often it was asked again already
 */
export function nextAsking(asked: number, since: Date, { memoryRepromptHours, memoryRepromptMax }: { memoryRepromptHours: number; memoryRepromptMax: number }): Date | null {
  return asked >= memoryRepromptMax ? null : new Date(since.getTime() + memoryRepromptHours * 2 ** asked * HOUR_MS);
}

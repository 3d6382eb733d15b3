/** How a step treats items that fail each for itself: a few at a time, each error kept under the item's name, none thrown. */
import { recordError } from '@carillon/engine';

/** Items at work at once: enough to keep a model busy, and no more than leaves connections for others. */
const AT_ONCE = 4;

/** Works through the items and answers one line per failure. Stops taking new ones when the signal aborts, and throws its reason. */
export async function oneByOne<T extends { id: string }>(items: readonly T[], signal: AbortSignal, work: (item: T) => Promise<void>, progress: (done: number, total: number) => void): Promise<string[]> {
  const errors: string[] = [];
  const queue = items[Symbol.iterator]();
  let finished = 0;
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      signal.throwIfAborted();
      try {
        await work(item);
      } catch (error) {
        signal.throwIfAborted();
        errors.push(`${item.id}: ${recordError(error).message}`);
      }
      progress((finished += 1), items.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return errors;
}

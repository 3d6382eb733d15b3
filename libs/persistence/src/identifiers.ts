/** Ids are UUIDv7: unique without asking anyone, and in order of time, so that indexes stay dense and lists sort by age. */
import { V7Generator } from 'uuidv7';

/** Chance is fetched a page at a time: asking the system for every few ids is most of what an id costs. */
const page = new Uint32Array(1_024);
let next = page.length;

function nextUint32(): number {
  if (next === page.length) {
    crypto.getRandomValues(page);
    next = 0;
  }
  return page[next++] as number;
}

const generator = new V7Generator({ nextUint32 });

export const newId = (): string => generator.generate().toString();

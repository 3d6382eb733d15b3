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

/**
 * Ids for as many rows as a statement makes, in their order, without asking for each. SQL: `(head || lpad(to_hex(tail + nth), 12, '0'))::uuid`. The last bits begin at chance and count up, as RFC 9562,
 * section 6.2, method 2 has it: after every id that was made before, and before every one that is made later.
 */
export interface IdSeries {
  head: string;
  /** Of 48 bits, with room to count. */
  tail: number;
}

/** Far more than a statement makes rows, and so few that hardly an id is too near to the end. */
const ROOM = 2 ** 24;

export function newIdSeries(): IdSeries {
  for (;;) {
    const id = newId();
    const tail = parseInt(id.slice(-12), 16);
    // The generator's own counter is above the last 32 bits: counting must not reach it.
    if ((tail % 2 ** 32) + ROOM < 2 ** 32) return { head: id.slice(0, -12), tail };
  }
}

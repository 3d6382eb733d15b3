/** Dead letters as an operator handles them, over HTTP, the bus or the command line: same rules, same answer. */
import { DeadLetterStore } from '@carillon/persistence';
import type { DeadLetterDetail, DeadLetterFilter, DeadLetterRow, HandledLetters, LetterOrder, WhichLetters } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { whyNotRedrivable } from './redrivable.js';

/** What was asked: ids, or all. */
export interface LetterChoice {
  ids?: string[];
  all?: boolean;
  reason?: string;
  again?: boolean;
}

/** A letter as people and programs read it: text where the payload is text, otherwise base64. */
export type ShownLetter = Omit<DeadLetterDetail, 'payload'> & ({ payload: string } | { payloadBase64: string }) & { redrivable: true | string };

export class UnclearChoice extends Error {
  override readonly name = 'UnclearChoice';
}

export class UnknownLetter extends Error {
  override readonly name = 'UnknownLetter';
}

export class LetterDesk {
  private readonly store: DeadLetterStore;

  /** @param nudge is called when messages were promised; without it the next relay finds them within half a second */
  constructor(
    dataSource: DataSource,
    private readonly log: Pick<Logger, 'info'>,
    private readonly nudge: () => void = () => undefined,
  ) {
    this.store = new DeadLetterStore(dataSource);
  }

  list(filter: DeadLetterFilter): Promise<DeadLetterRow[]> {
    return this.store.list(filter);
  }

  /** @throws UnknownLetter */
  async show(id: string): Promise<ShownLetter> {
    const letter = await this.store.show(id);
    if (!letter) throw new UnknownLetter(`there is no dead letter ${id}`);
    const { payload, ...rest } = letter;
    const text = payload.toString();
    return { ...rest, ...(Buffer.from(text).equals(payload) ? { payload: text } : { payloadBase64: payload.toString('base64') }), redrivable: whyNotRedrivable(letter) ?? true };
  }

  /** Publishes the original messages again. @throws UnclearChoice */
  async redrive(choice: LetterChoice, by: string): Promise<HandledLetters> {
    const handled = await this.store.redrive(chosen(choice), order(choice, by), whyNotRedrivable);
    if (handled.done.length > 0) this.nudge();
    this.log.info({ redriven: handled.done.length, refused: handled.refused.length, by }, 'dead letters re-driven');
    return handled;
  }

  /** Takes letters off the list for good. @throws UnclearChoice */
  async discard(choice: LetterChoice, by: string): Promise<HandledLetters> {
    const handled = await this.store.discard(chosen(choice), order(choice, by));
    this.log.info({ discarded: handled.done.length, refused: handled.refused.length, by }, 'dead letters discarded');
    return handled;
  }
}

function chosen({ ids, all = false, reason }: LetterChoice): WhichLetters {
  if ((ids === undefined) !== all) throw new UnclearChoice('say which letters: either "ids", or "all" for every open one, with "reason" for those of one reason');
  if (ids === undefined) return { all: true, ...(reason !== undefined && { reason }) };
  if (reason !== undefined) throw new UnclearChoice('"reason" goes with "all"; letters that are named by id are taken whatever their reason');
  return { ids };
}

const order = ({ again = false }: LetterChoice, by: string): LetterOrder => ({ by, again });

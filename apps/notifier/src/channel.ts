/** What every channel is to the notifier: it knows where a recipient is reached and how to send there, and hides nothing of what happened. */
import type { Channel, Pause } from '@carillon/persistence';
import type { RenderedNotice } from '@carillon/texts';

/**
 * - `throttled`: not sent; the channel names the time to come again
 * - `transient`: not sent; later it may work
 * - `misconfigured`: not sent, and no notice will be until an operator mends it
 * - `refused`: not sent, and never will be
 * - `gone`: not sent, and nothing else to this address will be: nobody is there, or nobody wants to hear from us
 * - `unknown`: the message may have arrived, the answer did not
 */
export type Failure = { kind: 'transient' | 'misconfigured' | 'refused' | 'gone' | 'unknown'; reason: string } | { kind: 'throttled'; reason: string; retryAfterMs: number };

export type Sent =
  | { kind: 'sent'; messageIds: string[] }
  /** Nothing was sent: the service is stopping. */
  | { kind: 'put-back' }
  /** `messageIds` are those of the parts that had arrived before. */
  | { kind: 'failed'; failure: Failure; messageIds: string[]; parts: number };

export interface Addressee {
  recipient: string;
  /** The channel's own address of the recipient, when one is known. */
  address: string | null;
}

export interface Sending {
  noticeId: string;
  /** Whom the notice is for, in the ledger's words. */
  recipient: string;
  /** Waits until the channel has room for the next message. False when the service stops and nothing was sent yet. */
  nextTurn(): Promise<boolean>;
}

export interface NoticeChannel {
  readonly name: Channel;
  /** The longest that one delivery can take, in milliseconds, so that its claim outlives it. */
  readonly longestMs: number;
  /** Messages a second, over all notifiers; 0 is no limit. */
  readonly perSecond: number;
  /** Messages under way at once, where the channel can take only so many; the rest is for other notifiers. */
  readonly atOnce?: number;
  /** Names the place where recipients without an address of their own are all reached, when there is one: its turns are shared. */
  readonly commonMailbox?: string;
  /** How long the address is left alone after a message. */
  pauseAfter(address: string): Omit<Pause, 'messages'>;
  /** The known address, else the recipient itself when it is one already. @throws NoAddress */
  addressOf(addressee: Addressee): string;
  /** @throws TextTooLong before anything is sent; failed requests are part of the answer */
  deliver(address: string, notice: RenderedNotice, sending: Sending): Promise<Sent>;
  /** Gives connections back. */
  close?(): void;
}

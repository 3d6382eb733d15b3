/** What every channel is to the notifier: it knows where a recipient is reached and how to send there, and hides nothing of what happened. */
import type { Channel } from '@carillon/persistence';
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
  /** Nothing was sent: it is not this address's turn, or the service is stopping. */
  | { kind: 'put-back'; retryAfterMs: number }
  /** `messageIds` are those of the parts that had arrived before. */
  | { kind: 'failed'; failure: Failure; messageIds: string[]; parts: number };

export interface Addressee {
  recipient: string;
  /** The channel's own address of the recipient, when one is known. */
  address: string | null;
}

export interface NoticeChannel {
  readonly name: Channel;
  /** The longest that one delivery can take, in milliseconds, so that its claim outlives it. */
  readonly longestMs: number;
  /** The known address, else the recipient itself when it is one already. @throws NoAddress */
  addressOf(addressee: Addressee): string;
  /** @throws TextTooLong before anything is sent; failed requests are part of the answer */
  deliver(address: string, notice: RenderedNotice, about: { noticeId: string; signal: AbortSignal }): Promise<Sent>;
  /** Gives connections back. */
  close?(): void;
}

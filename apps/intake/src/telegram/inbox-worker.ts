/** Handles the updates that were kept, whoever brought them: several chats at once, each chat in its order, and again after a pause when one fails. */
import { backoff } from '@carillon/engine';
import type { ClaimedUpdate, TelegramInbox } from '@carillon/persistence';
import { Loop } from '@carillon/runtime';
import type { House } from '@carillon/runtime';
import { GrammyError } from 'grammy';
import type { Update } from 'grammy/types';
import type { TelegramRouter } from './router.js';

/** Chats answered at once. */
const WIDTH = 8;
/** How often it looks although nobody told it of something new: another process may have died with an update in its hands. */
const LOOK_MS = 5_000;
const PRUNE_MS = 3_600_000;

export interface InboxWorkerOptions {
  inbox: TelegramInbox;
  router: TelegramRouter;
  log: House['log'];
  /** Failed attempts after which an update is given up. */
  maxAttempts: number;
}

export class InboxWorker {
  readonly loop: Loop;
  private prunedAt = -Infinity;

  constructor(private readonly options: InboxWorkerOptions) {
    this.loop = new Loop({ name: 'telegram-inbox', log: options.log, runOnce: () => this.runOnce() });
  }

  /** Handles everything that is due now. @returns milliseconds until the next look */
  async runOnce(): Promise<number> {
    const { inbox } = this.options;
    if (performance.now() - this.prunedAt > PRUNE_MS) {
      await inbox.prune();
      this.prunedAt = performance.now();
    }
    await Promise.all(Array.from({ length: WIDTH }, () => this.#work()));
    return Math.min(LOOK_MS, (await inbox.nextInMs()) ?? LOOK_MS);
  }

  async #work(): Promise<void> {
    for (let claimed = await this.options.inbox.claim(); claimed; claimed = await this.options.inbox.claim()) {
      this.loop.sign();
      await this.#handle(claimed);
    }
  }

  async #handle(claimed: ClaimedUpdate): Promise<void> {
    const { inbox, router, log, maxAttempts } = this.options;
    try {
      await router.handle(claimed.body as unknown as Update);
      await inbox.handled(claimed);
    } catch (error) {
      const { message } = error as Error;
      const { updateId, attempts } = claimed;
      if (isFinal(error) || attempts >= maxAttempts) {
        log.error({ updateId, attempts, error: message }, 'an update of the bot is given up; it is kept in telegram.update with its reason');
        await inbox.failed(claimed, message);
      } else {
        log.warn({ updateId, attempts, error: message }, 'an update of the bot is tried again');
        await inbox.again(claimed, message, pauseOf(error, attempts));
      }
    }
  }
}

/** Telegram will say the same next time: the person blocked the bot, or the text is not what it takes. */
function isFinal(error: unknown): boolean {
  return error instanceof GrammyError && (error.error_code === 400 || error.error_code === 403);
}

function pauseOf(error: unknown, attempts: number): number {
  const asked = error instanceof GrammyError ? error.parameters.retry_after : undefined;
  return asked === undefined ? backoff({ maxAttempts: Infinity, baseMs: 500, capMs: 60_000, jitter: 0.5 }, attempts, Math.random()) : asked * 1_000;
}

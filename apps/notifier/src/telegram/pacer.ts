/**
 * Keeps Telegram's limits, so that it need not: so many messages a second in all, and a pause between two to the same chat. Decides when, never
 * waits itself. Of one process: replicas divide `perSecond` among them by configuration.
 */

export interface PacerOptions {
  /** Messages per second over all chats. */
  perSecond: number;
  /** Milliseconds between two messages to one chat. */
  chatIntervalMs: number;
  /** A notice that has to wait longer than this for its chat is put back, so that it does not stand in the way of other chats. */
  holdMs: number;
  /** Milliseconds of a clock that only moves forward. */
  now: () => number;
}

export type Turn = { waitMs: number } | { putBackMs: number };

interface Chat {
  /** When its next notice may begin. */
  freeAt: number;
  /** When the last one that was put back comes again. */
  lastPutBack: number;
}

const MANY_CHATS = 1_000;

export class Pacer {
  private readonly chats = new Map<string, Chat>();
  private nextSlot = 0;

  constructor(private readonly options: PacerOptions) {}

  /** Reserves a chat for a notice of so many messages, or says when to come again: those put back come one after the other. */
  takeChat(name: string, messages: number): Turn {
    const { chatIntervalMs, holdMs, now } = this.options;
    const time = now();
    const chat = this.chat(name, time);
    const start = Math.max(time, chat.freeAt);
    if (start - time <= holdMs) {
      chat.freeAt = start + messages * chatIntervalMs;
      return { waitMs: start - time };
    }
    chat.lastPutBack = Math.max(start, chat.lastPutBack + chatIntervalMs);
    return { putBackMs: chat.lastPutBack - time };
  }

  /** Reserves the next free place in the stream of all messages. @returns milliseconds to wait for it */
  takeSlot(): number {
    const time = this.options.now();
    const start = Math.max(time, this.nextSlot);
    this.nextSlot = start + 1_000 / this.options.perSecond;
    return start - time;
  }

  /** Telegram asked to leave this chat alone for so long. */
  block(name: string, ms: number): void {
    const time = this.options.now();
    const chat = this.chat(name, time);
    chat.freeAt = Math.max(chat.freeAt, time + ms);
    // The notice that was refused comes again at that time: the others after it.
    chat.lastPutBack = Math.max(chat.lastPutBack, time + ms);
  }

  private chat(name: string, time: number): Chat {
    if (this.chats.size > MANY_CHATS) for (const [key, { freeAt }] of this.chats) if (freeAt < time) this.chats.delete(key);
    const chat = this.chats.get(name) ?? { freeAt: 0, lastPutBack: 0 };
    this.chats.set(name, chat);
    return chat;
  }
}

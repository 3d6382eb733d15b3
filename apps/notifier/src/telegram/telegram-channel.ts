/** Delivers one notice over Telegram: split, in its chat's turn, part after part, and an account of what happened that hides nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import type { NotifierSettings } from '@carillon/runtime';
import type { RenderedNotice } from '@carillon/texts';
import type { Addressee, NoticeChannel, Sent } from '../channel.js';
import { TextTooLong } from '../errors.js';
import { BotApi } from './bot-api.js';
import { chatOf } from './destination.js';
import { failureOf } from './failure.js';
import { Pacer } from './pacer.js';
import { splitHtml, TELEGRAM_TEXT_LIMIT } from './split.js';

/** A wait for a chat up to this is sat out; a longer one would keep other chats waiting. */
const HOLD_MS = 1_500;

export class TelegramChannel implements NoticeChannel {
  readonly name = 'telegram';
  private readonly api: BotApi;
  private readonly pacer: Pacer;

  constructor(private readonly settings: NotifierSettings & { telegramBotToken: string }) {
    this.api = new BotApi({ token: settings.telegramBotToken, apiRoot: settings.telegramApiRoot, timeoutMs: settings.telegramHttpTimeoutMs });
    this.pacer = new Pacer({ perSecond: settings.telegramPerSecond, chatIntervalMs: settings.telegramChatIntervalMs, holdMs: HOLD_MS, now: () => performance.now() });
  }

  get longestMs(): number {
    const { telegramMaxParts, telegramHttpTimeoutMs, telegramChatIntervalMs, telegramPerSecond, noticeConcurrency } = this.settings;
    return HOLD_MS + telegramMaxParts * (telegramHttpTimeoutMs + telegramChatIntervalMs + (1_000 * noticeConcurrency) / telegramPerSecond);
  }

  addressOf(addressee: Addressee): string {
    return chatOf(addressee);
  }

  async deliver(chat: string, { text, buttons }: RenderedNotice, { signal }: { signal: AbortSignal }): Promise<Sent> {
    const parts = this.partsOf(text);
    const turn = this.pacer.takeChat(chat, parts.length);
    if ('putBackMs' in turn) return { kind: 'put-back', retryAfterMs: turn.putBackMs };
    if (!(await waited(turn.waitMs, signal))) return { kind: 'put-back', retryAfterMs: 0 };
    const messageIds: string[] = [];
    for (const [index, part] of parts.entries()) {
      // Once the first part is out a stopping service goes on: half a notice would be worse than a late exit.
      if (index > 0) await delay(this.settings.telegramChatIntervalMs);
      await delay(this.pacer.takeSlot());
      try {
        messageIds.push(await this.api.send(chat, part, index === parts.length - 1 ? buttons : undefined));
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === 'throttled') this.pacer.block(chat, failure.retryAfterMs);
        return { kind: 'failed', failure, messageIds, parts: parts.length };
      }
    }
    return { kind: 'sent', messageIds };
  }

  private partsOf(text: string): string[] {
    const parts = splitHtml(text);
    const { telegramMaxParts } = this.settings;
    if (parts.length === 0) throw new TextTooLong('the text has nothing to see in it');
    if (parts.length > telegramMaxParts) throw new TextTooLong(`the text has ${text.length} characters and needs ${parts.length} messages of ${TELEGRAM_TEXT_LIMIT}; TELEGRAM_MAX_PARTS allows ${telegramMaxParts}`);
    return parts;
  }
}

/** False when the signal came first. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}

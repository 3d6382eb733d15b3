/** Delivers one notice over Telegram: its picture, then its text in parts, each in its turn, and an account of what happened that hides nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pause } from '@carillon/persistence';
import type { NotifierSettings } from '@carillon/runtime';
import type { NoticeButton, RenderedNotice } from '@carillon/texts';
import type { Addressee, NoticeChannel, Sending, Sent } from '../channel.js';
import { BadButton, TextTooLong } from '../errors.js';
import { BotApi } from './bot-api.js';
import { chatOf } from './destination.js';
import { failureOf } from './failure.js';
import { splitHtml, TELEGRAM_TEXT_LIMIT } from './split.js';

/** Telegram's limits, https://core.telegram.org/bots/api#sendphoto and #inlinekeyboardbutton. */
const CAPTION_LIMIT = 1_024;
const TOKEN_BYTES = 64;
/** https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const GROUP_WINDOW_MS = 60_000;

type Part = { photo: string | Uint8Array; caption: string } | { text: string };

/** Reads a picture that this recipient keeps with us. @throws when it is not there, or not theirs */
export type Pictures = (recipient: string, id: string) => Promise<Uint8Array>;


export class TelegramChannel implements NoticeChannel {
  readonly name = 'telegram';
  private readonly api: BotApi;

  constructor(
    private readonly settings: NotifierSettings & { telegramBotToken: string },
    private readonly pictures?: Pictures,
  ) {
    this.api = new BotApi({ token: settings.telegramBotToken, apiRoot: settings.telegramApiRoot, timeoutMs: settings.telegramHttpTimeoutMs });
  }

  get perSecond(): number {
    return this.settings.telegramPerSecond;
  }

  get longestMs(): number {
    const { telegramMaxParts, telegramHttpTimeoutMs, telegramChatIntervalMs, telegramPerSecond, noticeConcurrency } = this.settings;
    const forRoom = telegramPerSecond === 0 ? 0 : (1_000 * noticeConcurrency) / telegramPerSecond;
    return (telegramMaxParts + 1) * (telegramHttpTimeoutMs + telegramChatIntervalMs + forRoom);
  }

  /** Groups and channels have a limit of their own. */
  pauseAfter(chat: string): Omit<Pause, 'messages'> {
    const { telegramChatIntervalMs: pauseMs, telegramGroupPerMinute: most } = this.settings;
    return { pauseMs, ...(/^[-@]/.test(chat) && most > 0 && { window: { most, ms: GROUP_WINDOW_MS } }) };
  }

  addressOf(addressee: Addressee): string {
    return chatOf(addressee);
  }

  async deliver(chat: string, notice: RenderedNotice, sending: Sending): Promise<Sent> {
    const photo = await this.photoOf(notice, sending);
    if (photo === null) return this.deliver(chat, withoutPhoto(notice), sending);
    const parts = this.partsOf(notice, photo);
    const buttons = checked(notice.buttons ?? []);
    const messageIds: string[] = [];
    for (const [index, part] of parts.entries()) {
      if (index > 0) await delay(this.settings.telegramChatIntervalMs);
      if (!(await sending.nextTurn())) return { kind: 'put-back' };
      try {
        messageIds.push(await this.api.send(chat, part, index === parts.length - 1 ? buttons : []));
      } catch (error) {
        const failure = failureOf(error);
        // A picture that Telegram does not take must not keep the words back.
        if ('photo' in part && failure.kind === 'refused') return this.deliver(chat, withoutPhoto(notice), sending);
        return { kind: 'failed', failure, messageIds, parts: parts.length };
      }
    }
    return { kind: 'sent', messageIds };
  }

  /** Null when there is to be one and it can not be had. */
  private async photoOf({ photo }: RenderedNotice, { recipient }: Sending): Promise<string | Uint8Array | null | undefined> {
    if (typeof photo !== 'object') return photo;
    return (await this.pictures?.(recipient, photo.kept).catch(() => null)) ?? null;
  }

  private partsOf({ text }: RenderedNotice, photo: string | Uint8Array | undefined): Part[] {
    const texts = splitHtml(text);
    const { telegramMaxParts } = this.settings;
    if (texts.length === 0 && photo === undefined) throw new TextTooLong('the text has nothing to see in it');
    if (texts.length > telegramMaxParts) throw new TextTooLong(`the text has ${text.length} characters and needs ${texts.length} messages of ${TELEGRAM_TEXT_LIMIT}; TELEGRAM_MAX_PARTS allows ${telegramMaxParts}`);
    if (photo === undefined) return texts.map((part) => ({ text: part }));
    const [only = ''] = texts;
    if (texts.length <= 1 && only.length <= CAPTION_LIMIT) return [{ photo, caption: only }];
    return [{ photo, caption: '' }, ...texts.map((part) => ({ text: part }))];
  }
}

const withoutPhoto = ({ photo: _refused, ...notice }: RenderedNotice): RenderedNotice => ({ ...notice, text: `${notice.text}\n\n<i>(The picture could not be shown.)</i>` });

/** @throws BadButton */
function checked(buttons: readonly (readonly NoticeButton[])[]): readonly (readonly NoticeButton[])[] {
  for (const button of buttons.flat()) {
    if ('token' in button && (button.token === '' || Buffer.byteLength(button.token) > TOKEN_BYTES)) throw new BadButton(button.text, `its token has ${Buffer.byteLength(button.token)} bytes, and Telegram takes 1 to ${TOKEN_BYTES}`);
  }
  return buttons;
}

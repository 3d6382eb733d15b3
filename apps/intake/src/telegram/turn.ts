/** One update with everything that a handler may do in answer to it. */
import type { JsonObject } from '@carillon/engine';
import { converse, createTokens } from '@carillon/persistence';
import type { ChatIdentity, NewToken } from '@carillon/persistence';
import { GrammyError, InputFile } from 'grammy';
import type { Api } from 'grammy';
import type { CallbackQuery, InlineKeyboardButton, Message } from 'grammy/types';
import type { DataSource } from 'typeorm';
import type { Buttons, Turn } from './surface.js';
import { botTexts } from './texts.js';

/** https://core.telegram.org/bots/api#sendphoto */
const CAPTION_LIMIT = 1_024;

export interface TurnParts {
  dataSource: DataSource;
  api: Api;
  surface: string;
  chat: ChatIdentity;
  chatId: number;
  updateId: number;
  text: string;
  message?: Message;
  press?: CallbackQuery;
}

export class ChatTurn implements Turn {
  readonly chat: ChatIdentity;
  readonly key: string;
  readonly text: string;
  readonly message: Message | undefined;
  /** A press was answered; Telegram's button stops turning. */
  answered = false;

  constructor(private readonly parts: TurnParts) {
    this.chat = parts.chat;
    this.key = `telegram:${parts.updateId}`;
    this.text = parts.text;
    this.message = parts.message;
  }

  async say(html: string, buttons: Buttons = []): Promise<void> {
    await this.parts.api.sendMessage(this.parts.chatId, html, { parse_mode: 'HTML', link_preview_options: { is_disabled: true }, ...(await this.#keyboard(buttons)) });
  }

  async picture(bytes: Uint8Array, html: string, buttons: Buttons = []): Promise<void> {
    const below = html.length <= CAPTION_LIMIT;
    try {
      await this.parts.api.sendPhoto(this.parts.chatId, new InputFile(bytes, 'photo.jpg'), below ? { caption: html, parse_mode: 'HTML', ...(await this.#keyboard(buttons)) } : {});
    } catch (error) {
      if (!(error instanceof GrammyError && error.error_code === 400)) throw error;
      return this.say(`${html}\n\n${botTexts(this.chat.locale).noPicture}`, buttons);
    }
    if (!below) await this.say(html, buttons);
  }

  async show(html: string, buttons: Buttons = []): Promise<void> {
    const shown = this.parts.press?.message;
    if (shown === undefined) return this.say(html, buttons);
    try {
      await this.parts.api.editMessageText(this.parts.chatId, shown.message_id, html, { parse_mode: 'HTML', link_preview_options: { is_disabled: true }, ...(await this.#keyboard(buttons)) });
    } catch (error) {
      if (isUnchanged(error)) return;
      if (!canNotBeEdited(error)) throw error;
      await this.say(html, buttons);
    }
  }

  async toast(text: string): Promise<void> {
    await this.acknowledge(text);
  }

  async converse(state: JsonObject | undefined): Promise<void> {
    await converse(this.parts.dataSource.manager, this.chat.ref, state && { surface: this.parts.surface, state });
  }

  /** Once a press; an answer that comes too late for Telegram is no failure. */
  async acknowledge(text?: string): Promise<void> {
    if (this.parts.press === undefined || this.answered) return;
    this.answered = true;
    try {
      await this.parts.api.answerCallbackQuery(this.parts.press.id, text === undefined ? {} : { text: text.slice(0, 200) });
    } catch (error) {
      if (!(error instanceof GrammyError && error.error_code === 400)) throw error;
    }
  }

  async #keyboard(buttons: Buttons): Promise<{ reply_markup?: { inline_keyboard: InlineKeyboardButton[][] } }> {
    if (buttons.length === 0) return {};
    const { surface, chat, dataSource } = this.parts;
    const wanted = buttons.flat().flatMap((button): NewToken[] => {
      if ('url' in button) return [];
      const { action, payload, once, lifeMs } = button;
      return [{ surface, action, recipient: chat.recipient, ...(payload && { payload }), ...(once !== undefined && { once }), ...(lifeMs !== undefined && { lifeMs }) }];
    });
    const tokens = (await createTokens(dataSource.manager, wanted)).values();
    const rows = buttons.map((row) => row.map((button): InlineKeyboardButton => ('url' in button ? { text: button.text, url: button.url } : { text: button.text, callback_data: tokens.next().value ?? '' })));
    return { reply_markup: { inline_keyboard: rows } };
  }
}

/** The message says that already: pressed twice, or handled again. */
const isUnchanged = (error: unknown): boolean => error instanceof GrammyError && error.error_code === 400 && error.description.includes('message is not modified');
/** Deleted by the person, or older than Telegram lets messages be changed. */
const canNotBeEdited = (error: unknown): boolean => error instanceof GrammyError && error.error_code === 400 && /message (to edit not found|can't be edited)/.test(error.description);

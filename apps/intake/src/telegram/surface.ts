/**
 * What a pipeline gives the bot: commands, what its buttons do, and what it makes of free text. The router knows nothing of pipelines, and they know nothing of webhooks, repeats
 * or restarts. More in docs/telegram.md.
 */
import type { JsonObject } from '@carillon/engine';
import type { ChatIdentity } from '@carillon/persistence';
import type { Message } from 'grammy/types';

export interface TelegramSurface {
  /** Its tokens and conversations are kept under this name. */
  readonly name: string;
  /** By name without the slash; no two surfaces may have the same. */
  readonly commands?: Readonly<Record<string, TelegramCommand>>;
  /** What follows /start, as a link such as t.me/bot?start=… brings it, in `text`: true when it was taken. */
  start?(turn: Turn): Promise<boolean>;
  /** What a pressed button does, by the action of its token. */
  readonly presses?: Readonly<Record<string, (turn: Turn, payload: JsonObject) => Promise<void>>>;
  /** What a button stands for whose token the pipeline's own rows hold, such as one below a notice that was filed with thousands of others; undefined for every other. Whose it is, its handler checks. */
  readsPress?(data: string): { action: string; payload: JsonObject } | undefined;
  /** A message that is no command, while this surface holds the chat's conversation. */
  reply?(turn: Turn, state: JsonObject): Promise<void>;
  /** Any other message: true when it was taken. Surfaces are asked in the order of their registration. */
  message?(turn: Turn): Promise<boolean>;
}

export interface TelegramCommand {
  /** One line for the bot's menu and /help, per language. */
  readonly says: { readonly en: string; readonly fa?: string };
  handle(turn: Turn): Promise<void>;
}

/**
 * One update being handled. A handler may be called again for the same update, when its process died or Telegram did not take the answer: whatever it changes must be the same the
 * second time, by `key`. What it says may then be said twice, and is never lost.
 */
export interface Turn {
  readonly chat: ChatIdentity;
  /** `telegram:<update id>`: the same for every attempt, and no other update's. */
  readonly key: string;
  /** The message's text or caption; after a command what follows it; empty when a button was pressed. */
  readonly text: string;
  /** The message as Telegram sent it, with photos and the like; undefined when a button was pressed. */
  readonly message: Message | undefined;
  /** Sends a message of Telegram's HTML. Texts over 4,096 characters are refused by Telegram. */
  say(html: string, buttons?: Buttons): Promise<void>;
  /** Sends a picture with the text below it, or after it when it is long; the text alone, with a line that says so, when Telegram does not take the picture. */
  picture(bytes: Uint8Array, html: string, buttons?: Buttons): Promise<void>;
  /** Replaces the message whose button was pressed; sends a new one when there is none or it can not be changed any more. */
  show(html: string, buttons?: Buttons): Promise<void>;
  /** A short line over the chat in answer to a press; the plain acknowledgement when it is never called. */
  toast(text: string): Promise<void>;
  /** Makes the next message that is no command come to this surface's `reply`, with this state; undefined ends that. Survives restarts. */
  converse(state: JsonObject | undefined): Promise<void>;
}

/** Rows of buttons. */
export type Buttons = readonly (readonly TurnButton[])[];
export type TurnButton =
  | { readonly text: string; readonly url: string }
  /** `action` is one of the surface's `presses`; `once`: only the first press counts. */
  | { readonly text: string; readonly action: string; readonly payload?: JsonObject; readonly once?: boolean; readonly lifeMs?: number };

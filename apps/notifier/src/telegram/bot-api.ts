/**
 * One message to the Bot API, through grammY. The requests go through Node's own fetch, because its errors tell a connection that was never made
 * from an answer that never came, and that difference decides whether a notice may be sent again.
 */
import { buffer } from 'node:stream/consumers';
import { Api, InputFile } from 'grammy';
import type { ApiClientOptions } from 'grammy';
import type { InlineKeyboardButton } from 'grammy/types';
import type { NoticeButton } from '@carillon/texts';

export interface BotApiOptions {
  token: string;
  apiRoot: string;
  /** Milliseconds for one request, the answer's body included. */
  timeoutMs: number;
}

/** A gateway, or whatever else is at that address, answered in the place of the Bot API. */
export class GatewayAnswered extends Error {
  override readonly name = 'GatewayAnswered';
  constructor(readonly status: number) {
    super(`something that is not the Bot API answered ${status}`);
  }
}

export class BotApi {
  private readonly api: Api;

  constructor({ token, apiRoot, timeoutMs }: BotApiOptions) {
    this.api = new Api(token, { apiRoot, fetch: fetchWithin(timeoutMs) });
  }

  /** Sends one message of Telegram's HTML. @returns its id in the chat. @throws GrammyError when Telegram said no, HttpError when there was no answer to read */
  async send(chat: string, part: { text: string } | { photo: string | Uint8Array; caption: string }, buttons: readonly (readonly NoticeButton[])[] = []): Promise<string> {
    const keyboard = buttons.length > 0 && { reply_markup: { inline_keyboard: buttons.map((row) => row.map(keyOf)) } };
    const sent =
      'photo' in part
        ? await this.api.sendPhoto(chat, typeof part.photo === 'string' ? part.photo : new InputFile(part.photo, 'photo.jpg'), { ...(part.caption !== '' && { caption: part.caption, parse_mode: 'HTML' as const }), ...keyboard })
        : await this.api.sendMessage(chat, part.text, { parse_mode: 'HTML', link_preview_options: { is_disabled: true }, ...keyboard });
    return String(sent.message_id);
  }
}

/** What Telegram takes: a link, or up to 64 bytes that come back when the button is pressed. */
function keyOf(button: NoticeButton): InlineKeyboardButton {
  return 'url' in button ? button : { text: button.text, callback_data: button.token };
}

/** A picture comes as a stream. Whole, it has a length, and a connection that breaks means the same as for words. */
const wholeOf = async (body: RequestInit['body']): Promise<NonNullable<RequestInit['body']> | null> => (typeof body === 'object' && body !== null && Symbol.asyncIterator in body ? new Uint8Array(await buffer(body as AsyncIterable<Uint8Array>)) : (body ?? null));

/** grammY's own signal is a polyfill that Node's fetch refuses; the only one that it would carry is a timeout, which is ours here. */
function fetchWithin(timeoutMs: number): NonNullable<ApiClientOptions['fetch']> {
  const send = async (url: string, { method, headers, body }: Pick<RequestInit, 'method' | 'headers' | 'body'>): Promise<Response> => {
    const response = await fetch(url, { method: method ?? 'POST', headers: headers ?? {}, body: await wholeOf(body), signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' });
    if (response.status >= 300 && !response.headers.get('content-type')?.includes('json')) {
      await response.body?.cancel();
      throw new GatewayAnswered(response.status);
    }
    return response;
  };
  return send as unknown as NonNullable<ApiClientOptions['fetch']>;
}

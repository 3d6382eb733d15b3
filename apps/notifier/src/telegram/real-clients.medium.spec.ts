/**
 * Bots as their users write them, with grammY and with Telegraf, talk to the Bot API that our specs talk to: what they make of its answers is what they make of Telegram's, in what we use of it. The parts of
 * https://core.telegram.org/bots/api that each test relies on are named in it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bot, GrammyError, HttpError } from 'grammy';
import { Telegraf, TelegramError } from 'telegraf';
import { cutsOff, fakeBotApi, malformed, refuses } from '../../spec/fake-bot-api.js';
import type { FakeBotApi } from '../../spec/fake-bot-api.js';

const TOKEN = '42:the-secret-of-the-bot';
const ME = { id: 42, is_bot: true as const, first_name: 'Carillon', username: 'carillon_bot', can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: false, can_connect_to_business: false, has_main_web_app: false };

let api: FakeBotApi;
beforeAll(async () => {
  api = await fakeBotApi();
});
beforeEach(() => api.reset());
afterAll(() => api.close());

interface Client {
  send(chat: string, text: string): Promise<{ message_id: number }>;
  picture(chat: string, photo: string, caption: string): Promise<{ message_id: number }>;
  /** What the client says of a refusal: its code, words and the seconds to wait. */
  refusal(error: unknown): { code: number; words: string; retryAfter: number | undefined };
}

const keyboard = { inline_keyboard: [[{ text: 'Done', callback_data: 't1' }]] };

const clients: [name: string, make: () => Client][] = [
  ['grammY', () => {
    const { api: bot } = new Bot(TOKEN, { client: { apiRoot: api.root }, botInfo: ME as never });
    return {
      send: (chat, text) => bot.sendMessage(chat, text, { parse_mode: 'HTML', reply_markup: keyboard }),
      picture: (chat, photo, caption) => bot.sendPhoto(chat, photo, { caption }),
      refusal: (error) => {
        if (!(error instanceof GrammyError)) throw error;
        return { code: error.error_code, words: error.description, retryAfter: error.parameters.retry_after };
      },
    };
  }],
  ['Telegraf', () => {
    const { telegram: bot } = new Telegraf(TOKEN, { telegram: { apiRoot: api.root } });
    return {
      send: (chat, text) => bot.sendMessage(chat, text, { parse_mode: 'HTML', reply_markup: keyboard }),
      picture: (chat, photo, caption) => bot.sendPhoto(chat, photo, { caption }),
      refusal: (error) => {
        if (!(error instanceof TelegramError)) throw error;
        return { code: error.code, words: error.description, retryAfter: error.parameters?.retry_after };
      },
    };
  }],
];

describe.each(clients)('a bot written with %s', (name, make) => {
  /** "Making requests": POST to /bot<token>/METHOD, JSON; "sendMessage": chat_id, text, parse_mode, reply_markup; the answer has ok and result, a Message with message_id. */
  it('sends a message with a button, and gets its id', async () => {
    const sent = await make().send('1234', 'Is 1 &lt; 2?');
    expect(sent.message_id).toBeGreaterThan(0);
    expect(api.paths).toEqual([`/bot${TOKEN}/sendMessage`]);
    expect(api.messages).toEqual([expect.objectContaining({ chat_id: '1234', text: 'Is 1 &lt; 2?', parse_mode: 'HTML', reply_markup: keyboard })]);
  });

  /** "sendPhoto": photo as a file_id, caption. */
  it('shows a picture that Telegram has', async () => {
    expect((await make().picture('1234', 'AgACAgIAAx', 'The bridge')).message_id).toBeGreaterThan(0);
    expect(api.messages).toEqual([expect.objectContaining({ photo: 'AgACAgIAAx', caption: 'The bridge' })]);
  });

  /** "Making requests": ok false with error_code and description; "ResponseParameters": retry_after. */
  it.each([
    [429, 'Too Many Requests: retry after 37', 37],
    [403, 'Forbidden: bot was blocked by the user', undefined],
    [400, 'Bad Request: chat not found', undefined],
  ])('is told %i as its library tells it', async (code, words, retryAfter) => {
    api.script(refuses(code, words, retryAfter === undefined ? {} : { retry_after: retryAfter }));
    const client = make();
    const error: unknown = await client.send('1234', 'Hello').catch((thrown: unknown) => thrown);
    expect(client.refusal(error)).toEqual({ code, words, retryAfter });
  });

  /** Not of the documentation: what a network does. */
  it.each([['an answer that is no JSON', malformed], ['a cut connection', cutsOff]])('learns of %s as an error that is no refusal', async (_what, answer) => {
    api.script(answer);
    const error: unknown = await make().send('1234', 'Hello').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(name === 'grammY' ? GrammyError : TelegramError);
    if (name === 'grammY') expect(error).toBeInstanceOf(HttpError);
  });
});

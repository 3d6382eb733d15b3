/** From an update to the handler of the pipeline that it is for: a button by its token, a command by its name, a reply by the conversation, anything else by asking. */
import type { JsonObject } from '@carillon/engine';
import { chatIdentity, conversationOf, pressToken } from '@carillon/persistence';
import type { IncomingUpdate } from '@carillon/persistence';
import type { Api } from 'grammy';
import type { BotCommand, CallbackQuery, Message, Update } from 'grammy/types';
import type { DataSource } from 'typeorm';
import { SurfaceClash } from './errors.js';
import type { TelegramCommand, TelegramSurface } from './surface.js';
import { botTexts } from './texts.js';
import { ChatTurn } from './turn.js';

/** The kinds of update that Telegram is asked for. */
export const WANTED_UPDATES = ['message', 'callback_query'] as const;

/** The same for every pipeline. */
const OWN_COMMANDS: ReadonlySet<string> = new Set(['start', 'help', 'cancel']);

/** What is kept of an update: those of private chats whole, of anything else only that it came. */
export function incomingOf(update: Update): IncomingUpdate {
  const chat = update.message?.chat ?? update.callback_query?.message?.chat;
  return { updateId: update.update_id, chatId: chat?.type === 'private' ? chat.id : null, body: update };
}

export class TelegramRouter {
  private readonly commands: Map<string, { surface: TelegramSurface; command: TelegramCommand }>;

  /** @throws SurfaceClash */
  constructor(
    private readonly dataSource: DataSource,
    private readonly api: Api,
    private readonly surfaces: readonly TelegramSurface[],
  ) {
    if (new Set(surfaces.map(({ name }) => name)).size < surfaces.length) throw new SurfaceClash(`two pipelines give the bot the same surface: ${surfaces.map(({ name }) => name).join(', ')}`);
    this.commands = new Map();
    for (const surface of surfaces) {
      for (const [name, command] of Object.entries(surface.commands ?? {})) {
        if (OWN_COMMANDS.has(name)) throw new SurfaceClash(`/${name} is the bot's own command, and ${surface.name} wants it: choose another name`);
        const other = this.commands.get(name);
        if (other) throw new SurfaceClash(`/${name} is a command of both ${other.surface.name} and ${surface.name}: rename one`);
        this.commands.set(name, { surface, command });
      }
    }
  }

  /** For the bot's menu. */
  menu(locale: string): BotCommand[] {
    const theirs = [...this.commands].map(([command, { command: { says } }]) => ({ command, description: (locale === 'fa' ? says.fa : undefined) ?? says.en }));
    return [...theirs, { command: 'cancel', description: botTexts(locale).cancel }];
  }

  /** Handles one update that was kept. Safe to repeat. */
  async handle(update: Update): Promise<void> {
    const { message, callback_query: press, update_id: updateId } = update;
    if (press) await this.#press(press, updateId);
    else if (message) await this.#message(message, updateId);
  }

  async #press(press: CallbackQuery, updateId: number): Promise<void> {
    const chatId = press.message?.chat.id ?? press.from.id;
    const chat = await chatIdentity(this.dataSource, chatId, localeOf(press.from.language_code));
    const pressed = this.#readPress(press.data ?? '') ?? (await pressToken(this.dataSource.manager, { token: press.data ?? '', chatId, updateId }));
    const surface = this.surfaces.find(({ name }) => name === pressed?.surface);
    const turn = new ChatTurn({ dataSource: this.dataSource, api: this.api, surface: surface?.name ?? '', chat, chatId, updateId, text: '', press });
    const handler = pressed && Object.hasOwn(surface?.presses ?? {}, pressed.action) ? surface?.presses?.[pressed.action] : undefined;
    if (pressed && handler) await handler(turn, pressed.payload);
    else await turn.acknowledge(botTexts(chat.locale).stale);
    await turn.acknowledge();
  }

  #readPress(data: string): { surface: string; action: string; payload: JsonObject } | undefined {
    for (const surface of this.surfaces) {
      const read = surface.readsPress?.(data);
      if (read) return { surface: surface.name, ...read };
    }
    return undefined;
  }

  async #message(message: Message, updateId: number): Promise<void> {
    const chatId = message.chat.id;
    const chat = await chatIdentity(this.dataSource, chatId, localeOf(message.from?.language_code));
    const text = message.text ?? message.caption ?? '';
    const turnOf = (surface: TelegramSurface | undefined, said = text): ChatTurn => new ChatTurn({ dataSource: this.dataSource, api: this.api, surface: surface?.name ?? '', chat, chatId, updateId, text: said, message });

    const [, name, rest] = /^\/(\w+)(?:@\w+)?(?:\s+([^]*))?$/.exec(text) ?? [];
    const known = name === undefined ? undefined : this.commands.get(name);
    if (known) return known.command.handle(turnOf(known.surface, rest?.trim() ?? ''));
    if (name === 'cancel') return this.#cancel(turnOf(undefined));
    if (name === 'start' && rest !== undefined) {
      for (const surface of this.surfaces) if (await surface.start?.(turnOf(surface, rest.trim()))) return undefined;
    }
    if (name === 'help' || name === 'start') return this.#help(turnOf(undefined));

    const conversation = name === undefined ? await conversationOf(this.dataSource.manager, chat.ref) : undefined;
    const holder = this.surfaces.find((surface) => surface.name === conversation?.surface);
    if (conversation && holder?.reply) return holder.reply(turnOf(holder), conversation.state);
    if (name === undefined) {
      for (const surface of this.surfaces) if (await surface.message?.(turnOf(surface))) return undefined;
    }
    return turnOf(undefined).say(botTexts(chat.locale).notUnderstood);
  }

  /** Whoever holds the conversation: it is over. */
  async #cancel(turn: ChatTurn): Promise<void> {
    await turn.converse(undefined);
    await turn.say(botTexts(turn.chat.locale).cancelled);
  }

  async #help(turn: ChatTurn): Promise<void> {
    const { locale } = turn.chat;
    await turn.say([botTexts(locale).help, ...this.menu(locale).map(({ command, description }) => `/${command} · ${description}`)].join('\n'));
  }
}

const localeOf = (language: string | undefined): 'en' | 'fa' => (language?.toLowerCase().startsWith('fa') ? 'fa' : 'en');

/** A notifier on a real database and a Bot API of the spec's own, without bus: a spec hands it nudges. */
import { inTransaction, newId, NoticeLedger, queueNotice } from '@carillon/persistence';
import type { NewNotice, NoticeRow } from '@carillon/persistence';
import { NotifierSettings } from '@carillon/runtime';
import { mergeCatalogues } from '@carillon/texts';
import type { Catalogue } from '@carillon/texts';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { Deliverer } from '../src/deliverer.js';
import type { DelivererOptions } from '../src/deliverer.js';
import { TelegramChannel } from '../src/telegram/telegram-channel.js';
import { houseTexts } from '../src/texts/house.js';

export const TOKEN = '42:the-secret-of-the-bot';

const linkedTexts: Catalogue = {
  linked: ({ text }) => ({ text: String(text), buttons: [[{ text: 'More', url: 'https://example.org/more' }]] }),
};

export type NotifierUnderTest = ReturnType<typeof notifierUnderTest>;

/** @param apiRoot without one there is no token, and every notice is a dry run */
export function notifierUnderTest(dataSource: DataSource, apiRoot?: string, channels: DelivererOptions['channels'] = {}) {
  const ledger = new NoticeLedger(dataSource);
  const settings = Object.assign(new NotifierSettings(), { telegramApiRoot: apiRoot, telegramHttpTimeoutMs: 300, telegramChatIntervalMs: 0 });
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const telegram = apiRoot === undefined ? undefined : new TelegramChannel({ ...settings, telegramBotToken: TOKEN });
  const sut = new Deliverer({ dataSource, ledger, catalogue: mergeCatalogues(houseTexts, linkedTexts), channels: { telegram, ...channels }, settings, log, random: () => 0 });
  const running = new AbortController();

  const queue = async (notice: Partial<NewNotice> = {}): Promise<string> => {
    const { id } = await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: '1234', messageType: 'text', content: { text: 'Hello' }, dedupeKey: newId(), ...notice }));
    return id;
  };
  const row = async (id: string): Promise<NoticeRow> => {
    const found = (await ledger.list({ limit: 500 })).find((notice) => notice.id === id);
    if (!found) throw new Error(`there is no notice ${id}`);
    return found;
  };
  return {
    sut,
    ledger,
    queue,
    row,
    /** The log so far, as lines of JSON. */
    logged: () => logged.join(''),
    stop: () => running.abort(),
    /** Queues a notice, hands over its nudge and answers what the ledger says afterwards. */
    async delivered(notice: Partial<NewNotice> = {}): Promise<NoticeRow> {
      const id = await queue(notice);
      await sut.deliver(id, running.signal);
      return row(id);
    },
    /** Nudges again, at the time that the notice is due. */
    async again(id: string): Promise<NoticeRow> {
      await dataSource.manager.query('UPDATE notices.notice SET due_at = engine.clock() WHERE id = $1', [id]);
      await sut.deliver(id, running.signal);
      return row(id);
    },
    /** Milliseconds until the notice is due. */
    async dueIn(id: string): Promise<number> {
      const [found] = await dataSource.manager.query<{ ms: string }[]>('SELECT extract(epoch FROM due_at - engine.clock()) * 1000 AS ms FROM notices.notice WHERE id = $1', [id]);
      return Number(found?.ms);
    },
  };
}

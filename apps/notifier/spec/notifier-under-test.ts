/** A notifier on a real database and a Bot API of the spec's own, without bus: a spec says when its postmen make their rounds. */
import { inTransaction, newId, queueNotice } from '@carillon/persistence';
import type { Channel, NewNotice, NoticeRow } from '@carillon/persistence';
import { NotifierSettings } from '@carillon/runtime';
import { mergeCatalogues } from '@carillon/texts';
import type { Catalogue, KeptPicture } from '@carillon/texts';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import type { NoticeChannel } from '../src/channel.js';
import { PostOffice } from '../src/post-office.js';
import { TelegramChannel } from '../src/telegram/telegram-channel.js';
import type { Pictures } from '../src/telegram/telegram-channel.js';
import { houseTexts } from '../src/texts/house.js';

export const TOKEN = '42:the-secret-of-the-bot';

const specTexts: Catalogue = {
  linked: ({ text }) => ({ text: String(text), buttons: [[{ text: 'More', url: 'https://example.org/more' }]] }),
  pressed: ({ token }) => ({ text: 'Press', buttons: [[{ text: 'Done', token: String(token) }]] }),
  pictured: ({ text, photo }) => ({ text: String(text), photo: typeof photo === 'object' ? (photo as KeptPicture) : String(photo) }),
  door: ({ link }) => ({ text: `Sign in: ${String(link)}`, confidential: true }),
  reminder: ({ text }) => ({ text: String(text) }),
};

export type NotifierUnderTest = ReturnType<typeof notifierUnderTest>;

/** @param apiRoot without one there is no token, and every Telegram notice is a dry run */
export function notifierUnderTest(dataSource: DataSource, apiRoot?: string, more: { email?: NoticeChannel | undefined; slack?: NoticeChannel | undefined; settings?: Partial<NotifierSettings>; pictures?: Pictures } = {}) {
  const settings = Object.assign(new NotifierSettings(), { ...(apiRoot !== undefined && { telegramApiRoot: apiRoot }), telegramHttpTimeoutMs: 1_000, telegramChatIntervalMs: 0, telegramPerSecond: 0, ...more.settings });
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const telegram = apiRoot === undefined ? undefined : new TelegramChannel({ ...settings, telegramBotToken: TOKEN }, more.pictures);
  const office = new PostOffice({ dataSource, catalogue: mergeCatalogues(houseTexts, specTexts), channels: { telegram, email: more.email, slack: more.slack }, settings, log, random: () => 0 });

  const queue = async (notice: Partial<NewNotice> = {}): Promise<string> => {
    const { id } = await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: '1234', messageType: 'text', content: { text: 'Hello' }, dedupeKey: newId(), ...notice }));
    return id;
  };
  const row = async (id: string): Promise<NoticeRow> => {
    const [found] = await office.ledger.list({ id });
    if (!found) throw new Error(`there is no notice ${id}`);
    return found;
  };
  /** One claim, and what came of it. */
  const round = async (channel: Channel = 'telegram'): Promise<void> => {
    await office.postmen[channel].runOnce();
    await office.postmen[channel].settled();
  };
  return {
    office,
    ledger: office.ledger,
    queue,
    row,
    round,
    /** The log so far, as lines of JSON. */
    logged: () => logged.join(''),
    /** Queues a notice, makes a round and answers what the ledger says afterwards. */
    async delivered(notice: Partial<NewNotice> = {}): Promise<NoticeRow> {
      const id = await queue(notice);
      await round(notice.channel);
      return row(id);
    },
    /** One more round, at the time that the notice comes again. */
    async again(id: string): Promise<NoticeRow> {
      await dataSource.manager.query('UPDATE notices.notice SET retry_at = NULL WHERE id = $1', [id]);
      await dataSource.manager.query('UPDATE notices.mailbox SET free_at = engine.clock()');
      await round((await row(id)).channel);
      return row(id);
    },
    /** Milliseconds until a failed notice comes again. */
    async dueIn(id: string): Promise<number> {
      const [found] = await dataSource.manager.query<{ ms: string }[]>('SELECT extract(epoch FROM retry_at - engine.clock()) * 1000 AS ms FROM notices.notice WHERE id = $1', [id]);
      return Number(found?.ms);
    },
    /** Forgets notices and whose turn it is. */
    reset: () => dataSource.manager.query('DELETE FROM notices.notice; DELETE FROM notices.mailbox; DELETE FROM notices.address; DELETE FROM engine.outbox; UPDATE notices.pace SET next_at = engine.clock()'),
  };
}

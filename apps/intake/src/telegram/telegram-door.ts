/** The bot's whole front door as one value: what intake starts, stops and hangs its webhook on. Off unless it is switched on. */
import { TelegramInbox } from '@carillon/persistence';
import type { IncomingUpdate } from '@carillon/persistence';
import type { House, NotifierSettings, TelegramInboxSettings } from '@carillon/runtime';
import { Api } from 'grammy';
import { InvalidTelegramSettings } from './errors.js';
import { InboxWorker } from './inbox-worker.js';
import { Poller } from './poller.js';
import { TelegramRouter, WANTED_UPDATES } from './router.js';
import type { TelegramSurface } from './surface.js';

export type TelegramSettings = TelegramInboxSettings & Pick<NotifierSettings, 'telegramBotToken' | 'telegramApiRoot' | 'telegramHttpTimeoutMs'>;

export class TelegramDoor {
  /** Undefined unless updates come by webhook. */
  readonly webhookSecret: string | undefined;
  private readonly inbox: TelegramInbox;
  private readonly open: { api: Api; router: TelegramRouter; worker: InboxWorker; poller: Poller | undefined } | undefined;

  /** @throws InvalidTelegramSettings, SurfaceClash */
  constructor(
    private readonly house: Pick<House, 'dataSource' | 'log' | 'vitals'>,
    private readonly settings: TelegramSettings,
    surfaces: readonly TelegramSurface[],
  ) {
    const { dataSource, log } = house;
    const { telegramUpdates: mode, telegramBotToken: token, telegramApiRoot: apiRoot } = settings;
    this.inbox = new TelegramInbox(dataSource);
    this.webhookSecret = mode === 'webhook' ? settings.telegramWebhookSecret : undefined;
    if (mode === 'off') return;
    if (token === undefined) throw new InvalidTelegramSettings(`TELEGRAM_UPDATES is "${mode}", and there is no TELEGRAM_BOT_TOKEN: set it, or set TELEGRAM_UPDATES=off`);
    if (mode === 'webhook' && this.webhookSecret === undefined) throw new InvalidTelegramSettings('TELEGRAM_UPDATES is "webhook", and there is no TELEGRAM_WEBHOOK_SECRET: without one anybody could speak for Telegram');
    // A request outlasts the wait of polling.
    const timeoutSeconds = settings.telegramHttpTimeoutMs / 1_000 + (mode === 'polling' ? settings.telegramPollSeconds : 0);
    const api = new Api(token, { apiRoot, timeoutSeconds });
    const router = new TelegramRouter(dataSource, api, surfaces);
    const worker = new InboxWorker({ inbox: this.inbox, router, log, maxAttempts: settings.telegramUpdateAttempts });
    const poller = mode === 'polling' ? new Poller(api, this.inbox, settings.telegramPollSeconds, () => worker.loop.nudge(), log) : undefined;
    this.open = { api, router, worker, poller };
  }

  /** Keeps what came, and wakes the worker. What came before is not kept twice. */
  async take(updates: readonly IncomingUpdate[]): Promise<void> {
    if ((await this.inbox.receive(updates)) > 0) this.open?.worker.loop.nudge();
  }

  start(): void {
    if (!this.open) return;
    const { worker, poller } = this.open;
    worker.loop.start();
    this.house.vitals.watch(worker.loop);
    // A Telegram that can not be reached must not keep the house closed: what is told to it here is only convenience, and the poller tries by itself.
    void this.#introduce().catch((error: unknown) => this.house.log.warn({ error: (error as Error).message }, 'Telegram was not told how it reaches us, or of the commands; it is tried again at the next start'));
    poller?.loop.start();
  }

  async stop(): Promise<void> {
    await this.open?.poller?.stop();
    await this.open?.worker.loop.stop();
  }

  async #introduce(): Promise<void> {
    if (!this.open) return;
    const { api, router, poller } = this.open;
    const { telegramWebhookUrl: url } = this.settings;
    if (poller) await api.deleteWebhook();
    else if (url !== undefined && this.webhookSecret !== undefined) await api.setWebhook(url, { secret_token: this.webhookSecret, allowed_updates: WANTED_UPDATES });
    if (router.menu('en').length === 0) return;
    await api.setMyCommands(router.menu('en'));
    await api.setMyCommands(router.menu('fa'), { language_code: 'fa' });
  }
}

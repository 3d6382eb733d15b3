/** Fetches updates where no webhook can reach us. An update is confirmed to Telegram only after it was committed: the next request asks for what comes after it. */
import type { TelegramInbox } from '@carillon/persistence';
import { Loop } from '@carillon/runtime';
import type { House } from '@carillon/runtime';
import type { Api } from 'grammy';
import { incomingOf, WANTED_UPDATES } from './router.js';

export class Poller {
  readonly loop: Loop;
  private readonly stopping = new AbortController();

  constructor(
    private readonly api: Api,
    private readonly inbox: TelegramInbox,
    private readonly waitSeconds: number,
    private readonly received: () => void,
    log: House['log'],
  ) {
    this.loop = new Loop({ name: 'telegram-poller', log, runOnce: () => this.runOnce(), afterErrorMs: 3_000 });
  }

  async runOnce(): Promise<number> {
    const offset = await this.inbox.pollFrom();
    try {
      const updates = await this.api.getUpdates({ ...(offset !== undefined && { offset }), timeout: this.waitSeconds, allowed_updates: WANTED_UPDATES }, this.stopping.signal as Parameters<Api['getUpdates']>[1]);
      if ((await this.inbox.receive(updates.map(incomingOf))) > 0) this.received();
      this.loop.sign();
      return this.waitSeconds === 0 ? 1_000 : 0;
    } catch (error) {
      if (this.stopping.signal.aborted) return 0;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop.stop();
  }
}

/** The notifier without its doors: a postman for each channel, one look for all of them at what is due, and the sweep that finds what a death cut short. */
import type { JsonObject } from '@carillon/engine';
import { forgetIdleMailboxes, inTransaction, NoticeLedger, queueNotice } from '@carillon/persistence';
import type { Channel, NewNotice } from '@carillon/persistence';
import { Loop } from '@carillon/runtime';
import type { NotifierSettings } from '@carillon/runtime';
import type { Catalogue } from '@carillon/texts';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { NoticeChannel } from './channel.js';
import { Deliverer } from './deliverer.js';
import type { DelivererOptions } from './deliverer.js';
import { Postman } from './postman.js';

/** The bus may lose anything: a notice whose message got lost is found within this. */
const LOOK_MS = 2_000;
/** How often turns are forgotten that nobody waits for any more. */
const FORGET_EVERY_MS = 60_000;

export interface PostOfficeOptions extends Pick<DelivererOptions, 'random' | 'onSettled'> {
  dataSource: DataSource;
  catalogue: Catalogue;
  /** Undefined for a channel that is not configured. */
  channels: Readonly<Record<Channel, NoticeChannel | undefined>>;
  settings: NotifierSettings;
  log: Logger;
}

export class PostOffice {
  readonly ledger: NoticeLedger;
  readonly postmen: Readonly<Record<Channel, Postman>>;
  private readonly look: Loop;
  private readonly sweep: Loop;
  /** Monotonic milliseconds. */
  private forgetAt = 0;

  constructor(private readonly options: PostOfficeOptions) {
    const { dataSource, channels, log, settings } = options;
    const ledger = new NoticeLedger(dataSource);
    this.ledger = ledger;
    const deliverer = new Deliverer({ ...options, ledger });
    const postman = (name: Channel): Postman => new Postman({ name, channel: channels[name], ledger, deliverer, settings, log });
    this.postmen = { telegram: postman('telegram'), email: postman('email'), slack: postman('slack') };
    this.look = new Loop({ name: 'look', log, runOnce: () => this.lookOnce() });
    this.sweep = new Loop({ name: 'sweep', log, runOnce: () => this.sweepOnce() });
  }

  get loops(): Loop[] {
    return [this.look, this.sweep, ...Object.values(this.postmen).map(({ loop }) => loop)];
  }

  start(): void {
    this.look.start();
    this.sweep.start();
    for (const postman of Object.values(this.postmen)) postman.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.look.stop(), this.sweep.stop(), ...Object.values(this.postmen).map((postman) => postman.stop())]);
    for (const channel of Object.values(this.options.channels)) channel?.close?.();
  }

  wake(channel: Channel): void {
    this.postmen[channel].wake();
  }

  wakeAll(): void {
    for (const postman of Object.values(this.postmen)) postman.wake();
  }

  /** Gives a message that names no row its row. The same key is filed once. */
  async file(notice: Omit<NewNotice, 'content'> & { content: Record<string, unknown> }): Promise<void> {
    const { dataSource, log } = this.options;
    // It was JSON a moment ago.
    const content = notice.content as JsonObject;
    const { id, created } = await inTransaction(dataSource, (manager) => queueNotice(manager, { ...notice, content }));
    if (created) log.info({ notice: id, recipient: notice.recipient, type: notice.messageType }, 'filed a notice that was published by hand');
    this.wake(notice.channel);
  }

  /** One statement for all channels, since the answer is nearly always no. @returns milliseconds until the next one */
  async lookOnce(): Promise<number> {
    for (const channel of await this.ledger.channelsDue()) this.wake(channel);
    return LOOK_MS;
  }

  /** The first round, at boot, finds what this service's own death cut short. @returns milliseconds until the next one */
  async sweepOnce(): Promise<number> {
    const { dataSource, settings, log } = this.options;
    const { uncertain, repeated } = await this.ledger.markUncertain(settings.noticeRepeatUncertain);
    if (uncertain.length > 0) log.warn({ notices: uncertain }, 'notices whose sending was cut short: nobody knows whether they arrived');
    if (repeated.length > 0) {
      log.warn({ notices: repeated }, 'notices whose sending was cut short go out once more, marked as possibly repeated');
      this.wakeAll();
    }
    if (performance.now() >= this.forgetAt) {
      await forgetIdleMailboxes(dataSource);
      this.forgetAt = performance.now() + FORGET_EVERY_MS;
    }
    return settings.noticeSweepSeconds * 1_000;
  }
}

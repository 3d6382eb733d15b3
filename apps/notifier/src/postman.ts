/** One channel's round: claims what may be sent now, as much as there are hands for, and sends it. Messages on the bus only wake it; what is due is in the ledger. */
import { setMaxListeners } from 'node:events';
import type { Channel, ClaimedNotice, NoticeLedger } from '@carillon/persistence';
import { Loop } from '@carillon/runtime';
import type { NotifierSettings } from '@carillon/runtime';
import type { Logger } from 'pino';
import type { NoticeChannel } from './channel.js';
import type { Deliverer } from './deliverer.js';

export interface PostmanOptions {
  name: Channel;
  /** Undefined when it is not configured: every notice ends as a dry run. */
  channel: NoticeChannel | undefined;
  ledger: NoticeLedger;
  deliverer: Deliverer;
  settings: NotifierSettings;
  log: Logger;
}

/** A claim takes several statements, so nobody claims for nothing: who is woken does, and who waited for an instant that the last claim named. This is for what nobody foresaw. */
const LONGEST_REST_MS = 60_000;
/** How long a free hand waits for others, so that one claim is for all of them. */
const COMPANY_MS = 50;
/** What recording takes after the sending is over. */
const RECORD_WITHIN_MS = 10_000;

export class Postman {
  readonly loop: Loop;
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  /** At the last look there was no hand for what may be waiting. */
  private allBusy = false;
  private claimsSoon: NodeJS.Timeout | undefined;

  constructor(private readonly options: PostmanOptions) {
    // Each hand that waits for its turn listens, and no more than there are hands: beyond that Node may warn of a leak.
    setMaxListeners(this.atOnce, this.stopping.signal);
    this.loop = new Loop({ name: `postman ${options.name}`, log: options.log, runOnce: () => this.runOnce() });
  }

  start(): void {
    this.loop.start();
  }

  /** Something was filed, or its time has come. */
  wake(): void {
    // While no hand is free for what waits already, more of it changes nothing: the hands that get free see to it.
    if (!this.allBusy || this.enoughFree) this.claim();
  }

  /** Takes nothing more, puts back what has not begun, and ends what is being sent. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.claimsSoon);
    await this.loop.stop();
    await Promise.all(this.underWay);
  }

  /** One claim. What it took is on its way when this resolves, not over. @returns milliseconds until the next round */
  async runOnce(): Promise<number> {
    const { name, channel, ledger, settings } = this.options;
    const hands = this.atOnce - this.underWay.size;
    this.allBusy = hands <= 0;
    if (this.allBusy) return LONGEST_REST_MS;
    const leaseMs = (channel?.longestMs ?? 0) + RECORD_WITHIN_MS;
    const { notices, nextInMs } = await ledger.claim({ channel: name, limit: hands, leaseMs, perSecond: channel?.perSecond ?? 0, digestFrom: settings.noticeDigestFrom, commonMailbox: channel?.commonMailbox });
    for (const together of byHead(notices)) this.begin(together);
    return notices.length > 0 ? 0 : Math.min(nextInMs, LONGEST_REST_MS);
  }

  private get atOnce(): number {
    const { channel, settings } = this.options;
    return Math.min(settings.noticeConcurrency, channel?.atOnce ?? Infinity);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** A claim costs much the same for one as for many, so it waits until half of the hands are free, though not long: the others may be held up. */
  private handFree(): void {
    if (this.enoughFree) return this.claim();
    if (this.allBusy && !this.stopping.signal.aborted) this.claimsSoon ??= setTimeout(() => this.claim(), COMPANY_MS);
  }

  private get enoughFree(): boolean {
    return this.underWay.size === 0 || this.atOnce - this.underWay.size >= this.atOnce / 2;
  }

  private claim(): void {
    clearTimeout(this.claimsSoon);
    this.claimsSoon = undefined;
    this.loop.nudge();
  }

  private begin(together: readonly [ClaimedNotice, ...ClaimedNotice[]]): void {
    const { channel, deliverer } = this.options;
    const done = deliverer.deliver(channel, together, this.stopping.signal).finally(() => {
      this.underWay.delete(done);
      this.handFree();
    });
    this.underWay.add(done);
  }
}

function byHead(notices: readonly ClaimedNotice[]): [ClaimedNotice, ...ClaimedNotice[]][] {
  const groups = new Map<string, [ClaimedNotice, ...ClaimedNotice[]]>();
  for (const notice of notices) {
    const group = groups.get(notice.headId);
    if (group) group.push(notice);
    else groups.set(notice.headId, [notice]);
  }
  return [...groups.values()];
}

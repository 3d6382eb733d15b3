/** What the house does for itself between bells. Nothing here is owed to anyone: a round that is missed is made up by the next. */
import { Injectable } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { computeDailyRoots, sealPending } from '@carillon/deliberation';
import type { RootPublisher } from '@carillon/deliberation';
import { HistoryKeeper, Rescue } from '@carillon/runtime';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

@Injectable()
export class Housekeeping {
  private readonly busy = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly rescue: Rescue,
    private readonly log: Logger,
    private readonly history: HistoryKeeper,
    private readonly roots: RootPublisher,
  ) {}

  @Interval(2_000)
  rescueLost(): Promise<void> {
    return this.alone('rescue', () => this.rescue.runOnce());
  }

  /** Evidence is part of the chain within a second of its commit. */
  @Interval(900)
  sealEvidence(): Promise<void> {
    return this.alone('seal evidence', () => sealPending(this.dataSource));
  }

  /** Yesterday's root, once after midnight UTC; asked often, so that a missed midnight does not matter. */
  @Cron('*/5 * * * *', { timeZone: 'UTC' })
  rootEvidence(): Promise<void> {
    return this.alone('daily roots', () => computeDailyRoots(this.dataSource));
  }

  /** Roots that a witness has not heard of; each failure has a wait of its own. */
  @Cron('* * * * *', { timeZone: 'UTC' })
  publishRoots(): Promise<void> {
    return this.alone('publishing roots', () => this.roots.runOnce());
  }

  /** Months are made two ahead, so an hour that is missed does not matter. */
  @Cron('17 * * * *', { timeZone: 'UTC' })
  keepHistory(): Promise<void> {
    return this.alone('history', () => this.history.runOnce());
  }

  /** An interval comes again while its last round still runs; then it is left out. */
  private async alone(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.busy.has(name) || !this.dataSource.isInitialized) return;
    this.busy.add(name);
    try {
      await work();
    } catch (error) {
      this.log.warn({ err: error }, `${name} failed, the next round makes up for it`);
    } finally {
      this.busy.delete(name);
    }
  }
}

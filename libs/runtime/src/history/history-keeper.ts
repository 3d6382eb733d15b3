/** Keeps the history as long as the settings say: makes months ahead, archives and drops those that are over, and prunes the small tables. */
import { asHistoryKeeper, dropMonth, historyMonths, makeMonths, monthNow, pruneOld } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { exportMonth } from './archive.js';
import { monthsToDrop } from './months.js';

export interface HistorySettings {
  /** Months that are kept besides the one that runs; 0 keeps everything. */
  runHistoryMonths: number;
  /** A month is written here before it is dropped; without it it is only dropped. */
  archiveDir?: string | undefined;
}

export class HistoryKeeper {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: HistorySettings,
    private readonly log: Logger,
  ) {}

  /** One round; safe to do any time, by any number of replicas: one does it, the others leave it. */
  async runOnce(): Promise<void> {
    await asHistoryKeeper(this.dataSource, async () => {
      const made = await makeMonths(this.dataSource);
      if (made.length > 0) this.log.info({ months: made }, 'partitions were made');
      const { runHistoryMonths: keep } = this.settings;
      if (keep === 0) return;
      const months = await historyMonths(this.dataSource);
      for (const month of monthsToDrop(months, await monthNow(this.dataSource), keep)) await this.drop(month);
      const pruned = await pruneOld(this.dataSource, keep);
      if (Object.values(pruned).some((count) => count > 0)) this.log.info({ pruned }, 'old rows were deleted');
    });
  }

  private async drop(month: string): Promise<void> {
    const { archiveDir } = this.settings;
    const archived = archiveDir === undefined ? undefined : await exportMonth(this.dataSource, month, archiveDir);
    await dropMonth(this.dataSource, month, archived && new Map(archived.map(({ table, rows }) => [table, rows])));
    this.log.info({ month, ...(archived && { archived: archived.map(({ file, rows }) => ({ file, rows })) }) }, 'a month of history was dropped');
  }
}

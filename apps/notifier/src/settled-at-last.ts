/** What happened outside is known here and nowhere else: a database that restarts meanwhile is waited for, instead of leaving the notice uncertain. */
import { setTimeout as delay } from 'node:timers/promises';
import { isConnectionLost } from '@carillon/persistence';
import type { NoticeLedger, NoticeSettlement } from '@carillon/persistence';
import type { Logger } from 'pino';

const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

export class SettledAtLast {
  constructor(
    private readonly ledger: Pick<NoticeLedger, 'settle'>,
    private readonly log: Logger,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** @throws whatever the database says other than that it is away, or what it said last when patience ends */
  async settle(settlements: readonly NoticeSettlement[]): Promise<boolean[]> {
    const since = performance.now();
    for (let waited = false; ; waited = true) {
      try {
        return await this.ledger.settle(settlements);
      } catch (error) {
        if (!isConnectionLost(error) || performance.now() - since > this.patienceMs) throw error;
        if (!waited) this.log.warn({ notices: settlements.map(({ claim }) => claim.id), err: error }, 'the database is away: what came of these notices is recorded when it is back');
        await delay(PAUSE_MS);
      }
    }
  }
}

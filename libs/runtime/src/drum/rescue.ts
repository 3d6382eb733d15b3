/** The sweep that makes lost messages and dead workers harmless: what is due is nudged again, what fell silent is taken over. */
import { NoticeLedger, renudgeWaitingSteps, rescueFacts, startStrandedRuns, takeOverLostSteps } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Meters } from '../meters/meters.js';
import type { RunObserver } from '../meters/observe-runs.js';
import type { Relay } from './relay.js';

/** A due row that nobody took within this is nudged again; far above the bus's latency, far below a person's patience. */
const NUDGE_AGAIN_AFTER_MS = 5_000;
const AT_ONCE = 500;
/** What the notifier delivers. The rows of other channels wait for a deliverer; nudging them would only fill the stream that nobody reads. */
const DELIVERED = ['telegram', 'email'] as const;

export class Rescue {
  private readonly notices: NoticeLedger;

  constructor(
    private readonly dataSource: DataSource,
    private readonly relay: Relay,
    private readonly log: Logger,
    private readonly leaseMs = 30_000,
    private readonly meters?: Pick<Meters, 'takenOver'>,
    private readonly onOver?: RunObserver,
  ) {
    this.notices = new NoticeLedger(dataSource);
  }

  /** One sweep; safe to run anywhere, any time, by any number of replicas. */
  async runOnce(): Promise<void> {
    const { silent, stepsWait, queued, unsure, noticesWait } = await rescueFacts(this.dataSource, { leaseMs: this.leaseMs, waitingMs: NUDGE_AGAIN_AFTER_MS, channels: DELIVERED });
    const taken = silent ? await takeOverLostSteps(this.dataSource, AT_ONCE, this.leaseMs) : [];
    for (const { words } of taken) this.log.warn({}, words);
    this.meters?.takenOver(taken.filter((one) => one.taken).length);
    this.onOver?.(taken.flatMap(({ over }) => over ?? []));
    const uncertain = unsure ? await this.notices.markUncertain() : [];
    if (uncertain.length > 0) this.log.warn({ notices: uncertain }, 'notices whose sending was cut short: nobody knows whether they arrived');
    const steps = !stepsWait ? 0 : await renudgeWaitingSteps(this.dataSource, NUDGE_AGAIN_AFTER_MS, AT_ONCE);
    const notices = !noticesWait ? 0 : await this.notices.renudge(DELIVERED, NUDGE_AGAIN_AFTER_MS, AT_ONCE);
    // A run that was taken over may have been what others waited for.
    const begun = !queued ? 0 : await startStrandedRuns(this.dataSource, AT_ONCE);
    if (steps + notices > 0) this.log.info({ steps, notices }, 'nudged again');
    if (taken.length + steps + notices + begun > 0) this.relay.nudge();
  }
}

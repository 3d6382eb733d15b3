/** The sweep that makes lost messages and dead workers harmless: what is due is nudged again, what fell silent is taken over. */
import { renudgeWaitingSteps, rescueFacts, startStrandedRuns, takeOverLostSteps } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Meters } from '../meters/meters.js';
import type { RunObserver } from '../meters/observe-runs.js';
import type { Relay } from './relay.js';

/** A due row that nobody took within this is nudged again; far above the bus's latency, far below a person's patience. */
const NUDGE_AGAIN_AFTER_MS = 5_000;
const AT_ONCE = 500;

export class Rescue {
  constructor(
    private readonly dataSource: DataSource,
    private readonly relay: Relay,
    private readonly log: Logger,
    private readonly leaseMs = 30_000,
    private readonly meters?: Pick<Meters, 'takenOver'>,
    private readonly onOver?: RunObserver,
  ) {}

  /** One sweep; safe to run anywhere, any time, by any number of replicas. */
  async runOnce(): Promise<void> {
    const { silent, stepsWait, queued } = await rescueFacts(this.dataSource, { leaseMs: this.leaseMs, waitingMs: NUDGE_AGAIN_AFTER_MS });
    const taken = silent ? await takeOverLostSteps(this.dataSource, AT_ONCE, this.leaseMs) : [];
    for (const { words } of taken) this.log.warn({}, words);
    this.meters?.takenOver(taken.filter((one) => one.taken).length);
    this.onOver?.(taken.flatMap(({ over }) => over ?? []));
    const steps = !stepsWait ? 0 : await renudgeWaitingSteps(this.dataSource, NUDGE_AGAIN_AFTER_MS, AT_ONCE);
    // A run that was taken over may have been what others waited for.
    const begun = !queued ? 0 : await startStrandedRuns(this.dataSource, AT_ONCE);
    if (steps > 0) this.log.info({ steps }, 'nudged again');
    if (taken.length + steps + begun > 0) this.relay.nudge();
  }
}

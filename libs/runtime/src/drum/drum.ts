/** Turns due schedules into runs. Every replica runs one; the row locks decide who rings what. */
import { msUntilNextDue, ringNextDue } from '@carillon/persistence';
import type { HostedPipeline, Rung } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Loop } from '../loop.js';
import type { Relay } from './relay.js';

/** A schedule that somebody else made or changed is noticed within this. */
const LONGEST_REST_MS = 1_000;
/** What is due and was not ours to ring is in another replica's hands: asking at once again would only spin. */
const HELD_BY_ANOTHER_MS = 100;

export class Drum {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;
  private readonly loop: Loop;

  constructor(
    private readonly dataSource: DataSource,
    pipelines: readonly HostedPipeline[],
    private readonly relay: Relay,
    private readonly log: Logger,
  ) {
    this.hosted = new Map(pipelines.map((one) => [one.pipeline.name, one]));
    this.loop = new Loop({ name: 'drum', log, runOnce: () => this.runOnce() });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Rings everything that is due now. One schedule's failure is logged and set aside, the others ring. */
  async runOnce(): Promise<number> {
    for (let rung = await ringNextDue(this.dataSource, this.hosted); rung; rung = await ringNextDue(this.dataSource, this.hosted)) this.report(rung);
    const wait = await msUntilNextDue(this.dataSource, [...this.hosted.keys()]);
    return Math.min(LONGEST_REST_MS, wait > 0 ? wait : HELD_BY_ANOTHER_MS);
  }

  private report({ pipeline, scope, runs, error }: Rung): void {
    if (error !== undefined) this.log.error({ pipeline, scope, err: error }, 'this schedule could not be looked at and is set aside for a while');
    for (const run of runs) this.log.info({ pipeline, scope, run: run.id, status: run.status, reason: run.reason }, 'rang');
    if (runs.length > 0) this.relay.nudge();
  }
}

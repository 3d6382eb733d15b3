/**
 * Turns due schedules into runs. Every replica runs one; the row locks decide who rings what. It sleeps until the next schedule is due: changes that others
 * make are announced on the bus, so looking again and again is only for when the bus is away.
 */
import type { Bus } from '@carillon/messaging';
import { lookAtNext, nextWake, overAtOnce, RING_AT_ONCE, ringChains, ringTimes } from '@carillon/persistence';
import type { HostedPipeline, NextWake, Rung } from '@carillon/persistence';
import { RunFinished, ScheduleChanged, subjectOf } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Loop } from '../loop.js';
import type { RunObserver } from '../meters/observe-runs.js';
import { traceRing } from '../tracing/tracing.js';
import type { Relay } from './relay.js';

/** A change that was announced and not heard, or that somebody made past us, is noticed within this. */
const LONGEST_REST_MS = 15_000;
/** Without the bus nothing is announced. */
const REST_WITHOUT_BUS_MS = 1_000;
/** What is due and was not ours to ring is in another replica's hands: asking at once again would only spin. */
const HELD_BY_ANOTHER_MS = 100;
/** Batches that are rung at once when one does not hold all that is due: while the database works on one, we work on the other. */
const BATCHES_AT_ONCE = 2;
/** While batch follows batch, what they promised is published this often; publishing and working would take the processor from what is still due. */
const PUBLISH_EVERY_MS = 1_000;
/** Looks that run a pipeline's code, at once. */
const LOOKS_AT_ONCE = 4;

export type Ears = Pick<Bus, 'listen' | 'isConnected' | 'onChange'>;

export class Drum {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;
  readonly times: Loop;
  readonly looks: Loop;
  /** What is heard, by subject, and what ends it. */
  private readonly heard = new Map<string, () => void>();
  /** Monotonic milliseconds at which something will be due, as far as the last look could see. */
  private dueAt = { times: 0, looks: 0 };
  /** Rung, and the relay not yet nudged. */
  private promised = false;
  private publishedAt = 0;

  constructor(
    private readonly dataSource: DataSource,
    pipelines: readonly HostedPipeline[],
    private readonly relay: Relay,
    private readonly log: Logger,
    private readonly ears?: Ears,
    private readonly onOver?: RunObserver,
  ) {
    this.hosted = new Map(pipelines.map((one) => [one.pipeline.name, one]));
    this.times = new Loop({ name: 'drum', log, runOnce: () => this.ringAll() });
    // Apart, so that a slow counter of one pipeline holds up nothing that time alone makes due.
    this.looks = new Loop({ name: 'looks', log, runOnce: () => this.lookAtAll() });
  }

  start(): void {
    this.listen(ScheduleChanged.subject, () => this.nudge());
    // A rest that began with a bus would last too long without one, and what was announced meanwhile was not heard.
    if (this.ears) this.heard.set('', this.ears.onChange(() => this.nudge()));
    this.times.start();
    this.looks.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.times.stop(), this.looks.stop()]);
    for (const deafen of this.heard.values()) deafen();
    this.heard.clear();
  }

  /** A schedule was changed: look now. */
  nudge(): void {
    this.times.nudge();
    this.looks.nudge();
  }

  /** Rings everything that is due now. One schedule's failure is logged and set aside, the others ring. @returns how long nothing is due */
  async runOnce(): Promise<number> {
    return Math.min(await this.ringAll(), await this.lookAtAll());
  }

  private async ringAll(): Promise<number> {
    // A round that was not waited for finds out with one statement that there is nothing to ring, and needs no transaction.
    if (performance.now() < this.dueAt.times) {
      const wake = await this.wake();
      if (wake.times > 0 && !wake.chains) return this.rest(wake.times);
    }
    this.publishedAt = performance.now();
    const first = await this.ringBatch();
    const many = first >= RING_AT_ONCE;
    if (!many && this.promised) this.publish();
    if (first > 0) await Promise.all(Array.from({ length: many ? BATCHES_AT_ONCE : 1 }, () => this.ringBatches()));
    if (this.promised) this.publish();
    let wake = await this.wake();
    while (wake.chains) {
      const rungs = await ringChains(this.dataSource, this.hosted);
      this.report(rungs);
      this.times.sign();
      wake = await this.wake();
      // Somebody else follows them, or they can not be followed now.
      if (wake.chains && rungs.every((rung) => rung.error !== undefined)) return HELD_BY_ANOTHER_MS;
    }
    return this.rest(wake.times);
  }

  private async ringBatches(): Promise<void> {
    while ((await this.ringBatch()) > 0);
  }

  private async ringBatch(): Promise<number> {
    const rungs = await ringTimes(this.dataSource, this.hosted);
    this.report(rungs, PUBLISH_EVERY_MS);
    this.times.sign();
    return rungs.length;
  }

  private async lookAtAll(): Promise<number> {
    if (performance.now() < this.dueAt.looks) {
      const { looks } = await this.wake();
      if (looks > 0) return this.rest(looks);
    }
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, async () => {
      for (let rung = await lookAtNext(this.dataSource, this.hosted); rung; rung = await lookAtNext(this.dataSource, this.hosted)) {
        this.report([rung]);
        this.looks.sign();
      }
    }));
    return this.rest((await this.wake()).looks);
  }

  private async wake(): Promise<NextWake> {
    const wake = await nextWake(this.dataSource, this.hosted);
    this.dueAt = { times: performance.now() + wake.times, looks: performance.now() + wake.looks };
    for (const pipeline of wake.followed) this.listen(subjectOf(RunFinished, pipeline), () => this.times.nudge());
    return wake;
  }

  private rest(untilDue: number): number {
    const longest = this.ears?.isConnected() === true ? LONGEST_REST_MS : REST_WITHOUT_BUS_MS;
    return Math.min(longest, untilDue > 0 ? Math.ceil(untilDue) : HELD_BY_ANOTHER_MS);
  }

  private listen(subject: string, hear: () => void): void {
    if (this.ears && !this.heard.has(subject)) this.heard.set(subject, this.ears.listen(subject, hear));
  }

  /** @param publishEveryMs what they promised may wait for more of the same */
  private report(rungs: readonly Rung[], publishEveryMs = 0): void {
    for (const { schedule, pipeline, scope, runs, error } of rungs) {
      if (error !== undefined) this.log.error({ schedule, pipeline, scope, err: error }, 'this schedule could not be looked at and is set aside for a while');
      for (const run of runs) {
        this.log.info({ schedule, pipeline, scope, run: run.id, status: run.status, reason: run.reason }, 'rang');
        traceRing(run, { 'carillon.run': run.id, 'carillon.pipeline': pipeline, 'carillon.schedule': schedule });
        this.onOver?.(overAtOnce(pipeline, run));
      }
    }
    this.promised ||= rungs.some(({ runs }) => runs.length > 0);
    if (this.promised && performance.now() - this.publishedAt >= publishEveryMs) this.publish();
  }

  private publish(): void {
    this.promised = false;
    this.publishedAt = performance.now();
    this.relay.nudge();
  }
}

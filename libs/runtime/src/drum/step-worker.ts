/**
 * Works on steps: claim → run → settle, and on to the run's next step while it is ours to do. A message is a hint that there is work; what is taken is
 * the best of what is due. Losing a race is a value, not an error.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { StepPlan } from '@carillon/engine';
import type { Bus } from '@carillon/messaging';
import { claimDueSteps, claimWithinLimits, decided, isConnectionLost, releaseStep, settleMany, settleOne, StaleLease } from '@carillon/persistence';
import type { ClaimedStep, CreatedRun, Decided, HeldStep, HostedPipeline, KeeperEvent, Lane, LeaseKeeper, NewRun, Settled, Settlement, Taker, WithinLimits } from '@carillon/persistence';
import type { StepDue } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Batch } from '../batch.js';
import { Loop } from '../loop.js';
import { inStepSpan, isTracing } from '../tracing/tracing.js';
import { ownedSteps } from './owned-steps.js';
import type { OwnedSteps } from './owned-steps.js';
import type { Relay } from './relay.js';
import { StepAttempt } from './step-attempt.js';
import { Unclear } from './unclear.js';

/** A lost connection is no fault of the step: the same outcome is offered again this often, the wait growing by this much. */
const SETTLE_ATTEMPTS = 5;
const SETTLE_AGAIN_MS = 200;
/** While more is due than there is room for, or a limit holds something back, it is looked for again at least this often. */
const LOOK_AGAIN_MS = 1_000;
const LONG_REST_MS = 60_000;
/** Without the bus nobody says that a step is due. */
const REST_WITHOUT_BUS_MS = 1_000;

export interface StepWorkerOptions {
  dataSource: DataSource;
  keeper: LeaseKeeper;
  relay: Relay;
  pipelines: readonly HostedPipeline[];
  log: Logger;
  /** The service whose steps these are. */
  owner?: string;
  workerId: string;
  /** Where hints come from; while it is away, the worker looks for itself. */
  bus?: Pick<Bus, 'isConnected' | 'onChange'>;
  /** Steps worked on at once. */
  concurrency?: number;
  /** The same over all processes of the owner. */
  overall?: number;
  /** Told what became of an attempt, undefined when it was no longer ours and nothing was written; for counting. */
  onSettled?(claim: ClaimedStep, settled: Settled | undefined, ms: number): void;
}

export class StepWorker {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;
  private readonly owned: OwnedSteps;
  private readonly working = new Map<string, StepAttempt>();
  private readonly settling: Record<Lane, Batch<Decided, Settled | StaleLease>>;
  private readonly claiming: Loop;
  private readonly concurrency: number;
  private readonly owner: string;
  private reserved = 0;
  /** More is due than we had room for. */
  private backlog = false;
  private stopping = false;
  private deafen: (() => void) | undefined;
  private drained: () => void = () => undefined;
  private readonly unclear = new Unclear();
  /** Of those who reserved: their runs are being made. */
  private readonly making = new Map<Taker, () => void>();
  private firstLook = 0;

  constructor(private readonly options: StepWorkerOptions) {
    const { pipelines, dataSource, keeper, log, owner = 'scheduler', concurrency = 8, overall } = options;
    this.owner = owner;
    this.concurrency = concurrency;
    this.hosted = new Map(pipelines.map((one) => [one.pipeline.name, one]));
    this.owned = ownedSteps(pipelines, owner, overall !== undefined);
    const lane = (): Batch<Decided, Settled | StaleLease> => new Batch({ round: (together) => settleMany(dataSource, together), most: 100, flights: 3, patienceMs: 5, blames: (error) => !isConnectionLost(error) });
    this.settling = { handOn: lane(), end: lane(), other: lane() };
    this.claiming = new Loop({ name: 'claim', log, runOnce: () => this.claim() });
    keeper.onEvent((event) => this.heard(event));
  }

  start(): void {
    if (this.owned.all.size === 0) return;
    this.deafen = this.options.bus?.onChange(() => this.claiming.nudge());
    this.claiming.start();
  }

  /** Takes no more, tells what runs to stop, and resolves when all of it is settled or the time is over; what is left is taken over by others. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    this.deafen?.();
    await this.claiming.stop();
    for (const attempt of this.working.values()) attempt.stop('shutdown');
    if (this.working.size === 0) return;
    const late = new AbortController();
    await Promise.race([new Promise<void>((resolve) => (this.drained = resolve)), delay(graceMs, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
  }

  /** A step may be due. Resolves at once: the row is the work, and the sweep repeats what gets lost. */
  handle(_hint: StepDue): Promise<void> {
    this.claiming.nudge();
    return Promise.resolve();
  }

  /** Lets whoever makes runs give us their first steps without a message, as far as there is room and nobody waits longer. Followed by `begin`. */
  reserve(count: number): Taker {
    const room = this.stopping || this.backlog ? 0 : Math.min(count, this.room);
    this.reserved += room;
    // What there is no room for will be due, and is looked for as soon as something ends.
    if (room < count) this.backlog = true;
    const taker: Taker = { worker: this.options.workerId, room, graceMs: 10_000, fits: (run, first) => this.takes(run, first) && !this.owned.limited.has(run.pipeline) };
    if (room > 0) this.making.set(taker, this.unclear.begins());
    return taker;
  }

  /** Begins with what was taken, and gives back the room that was not needed. */
  begin(taker: Taker, runs: readonly CreatedRun[]): void {
    this.reserved -= taker.room;
    for (const { claimed } of runs) if (claimed) this.take(claimed);
    this.making.get(taker)?.();
    this.making.delete(taker);
  }

  private get room(): number {
    return this.concurrency - this.working.size - this.reserved;
  }

  private takes(run: Pick<NewRun, 'pipeline'>, step: StepPlan): boolean {
    return step.owner === this.owner && step.rate === undefined && this.owned.all.has(`${run.pipeline}.${step.name}`);
  }

  /** One look at what is due. @returns how long until the next one at most */
  private async claim(): Promise<number> {
    const room = this.room;
    if (room <= 0) {
      this.backlog = true;
      return LOOK_AGAIN_MS;
    }
    this.reserved += room;
    let found: WithinLimits = { claims: [], againInMs: LONG_REST_MS };
    try {
      found = await this.unclear.during(() => this.best(room));
    } finally {
      this.reserved -= room;
    }
    const { claims, againInMs } = found;
    this.backlog = claims.length === room || againInMs < LONG_REST_MS;
    for (const claim of claims) this.take(claim);
    const longest = this.options.bus?.isConnected() === false ? REST_WITHOUT_BUS_MS : LONG_REST_MS;
    return claims.length === room ? LOOK_AGAIN_MS : Math.min(againInMs, longest);
  }

  /** What is limited has claims of its own; those of the rest are one statement. Which goes first takes turns. */
  private async best(room: number): Promise<WithinLimits> {
    const { dataSource, workerId: worker, overall } = this.options;
    const { owner } = this;
    const { plain, limited } = this.owned;
    const claims: ClaimedStep[] = [];
    let againInMs = LONG_REST_MS;
    const left = (): number => room - claims.length;
    const looks = [
      ...(plain.pipelines.length === 0 ? [] : [async () => void claims.push(...(await claimDueSteps(dataSource, { worker, owner, ...plain, room: left() })))]),
      ...[...limited].map(([pipeline, { steps, limits }]) => async () => {
        const found = await claimWithinLimits(dataSource, { worker, owner, pipeline, steps, limits, room: left(), ...(overall !== undefined && { overall }) });
        claims.push(...found.claims);
        againInMs = Math.min(againInMs, found.againInMs);
      }),
    ];
    this.firstLook = (this.firstLook + 1) % Math.max(1, looks.length);
    for (const look of [...looks.slice(this.firstLook), ...looks.slice(0, this.firstLook)]) if (left() > 0) await look();
    return { claims, againInMs };
  }

  private take(claim: ClaimedStep): void {
    this.options.keeper.attend();
    void this.follow(claim).finally(() => {
      if (this.backlog) this.claiming.nudge();
      if (this.stopping && this.working.size === 0) this.drained();
    });
  }

  /** One run, step after step, as long as the next one is ours. Never rejects. */
  private async follow(first: ClaimedStep): Promise<void> {
    for (let claim: ClaimedStep | undefined = first; claim; ) {
      const attempt: StepAttempt = new StepAttempt(claim, this.hosted.get(claim.run.pipeline), this.options);
      this.working.set(claim.id, attempt);
      if (this.stopping) attempt.stop('shutdown');
      try {
        claim = await (isTracing() ? this.workTraced(attempt) : this.work(attempt));
      } catch (error) {
        attempt.log.error({ err: error }, 'a step could not be settled; it is taken over when its lease has run out');
        claim = undefined;
      } finally {
        this.working.delete(attempt.claim.id);
      }
    }
  }

  private workTraced(attempt: StepAttempt): Promise<ClaimedStep | undefined> {
    const { run, name, attempt: nth } = attempt.claim;
    return inStepSpan(run, name, { 'carillon.pipeline': run.pipeline, 'carillon.attempt': nth }, () => this.work(attempt));
  }

  private async work(attempt: StepAttempt): Promise<ClaimedStep | undefined> {
    const outcome = await attempt.outcome();
    if (outcome === undefined) {
      attempt.log.warn({}, 'no longer ours, nothing written');
      this.options.onSettled?.(attempt.claim, undefined, attempt.elapsedMs);
      return undefined;
    }
    const { claim } = attempt;
    const goesOn = (next: StepPlan): boolean => !this.stopping && this.takes(claim.run, next);
    const settled = await this.unclear.during(() => this.settle(attempt, { claim, outcome, elapsedMs: attempt.elapsedMs, random: Math.random(), goesOn }));
    this.options.onSettled?.(claim, settled, attempt.elapsedMs);
    if (!settled) return undefined;
    if (!settled.claim) this.options.relay.nudge();
    attempt.report(outcome, settled.next);
    return settled.claim;
  }

  /** A step whose last write fails has failed; its record still commits. A lost lease writes nothing. */
  private async settle(attempt: StepAttempt, settlement: Settlement, tries = 1): Promise<Settled | undefined> {
    const { outcome } = settlement;
    try {
      if (outcome.kind === 'done' && outcome.write) return await settleOne(this.options.dataSource, settlement);
      const one = decided(settlement);
      return (await this.settling[one.lane].add(one)) as Settled;
    } catch (error) {
      if (error instanceof StaleLease) {
        attempt.log.warn({}, error.message);
        return undefined;
      }
      if (isConnectionLost(error) && tries < SETTLE_ATTEMPTS) {
        await delay(SETTLE_AGAIN_MS * tries);
        return this.settle(attempt, settlement, tries + 1);
      }
      // Unsettled, the step is taken over when its lease has run out.
      if (outcome.kind !== 'done' || isConnectionLost(error)) throw error;
      attempt.log.warn({ err: error }, "the step's last write failed");
      return this.settle(attempt, { ...settlement, outcome: attempt.failed(error) });
    }
  }

  /** The heartbeat thread speaks: what the ledger says is ours is compared with what we are doing. */
  private heard(event: KeeperEvent): void {
    if (event.kind === 'silent') {
      for (const attempt of this.working.values()) attempt.stop('lost');
      return;
    }
    // Claimed while the thread looked: it must not rest now.
    if (this.working.size > 0) this.options.keeper.attend();
    const held = new Map(event.held.map((step) => [step.stepId, step]));
    for (const attempt of this.working.values()) {
      const step = held.get(attempt.claim.id);
      if (step?.cancelRequested === true) attempt.stop('cancelled');
      else if (!step && attempt.startedAt < event.askedAt - LOOK_AGAIN_MS && !attempt.settling) attempt.stop('lost');
    }
    this.release(event.held);
  }

  /** What the ledger has given us and we shall never hear of: an answer got lost on its way. It goes back to the others. */
  private release(held: readonly HeldStep[]): void {
    for (const step of this.unclear.lost(held.filter(({ stepId }) => !this.working.has(stepId)))) {
      releaseStep(this.options.dataSource, step, this.options.workerId).then(
        (released) => {
          if (!released) return;
          this.options.log.warn({ run: step.runId }, 'held a step without knowing it, given back');
          this.claiming.nudge();
        },
        (error: unknown) => this.options.log.warn({ run: step.runId, err: error }, 'a step could not be given back yet'),
      );
    }
  }

  /** How many steps are being worked on here. */
  get busy(): number {
    return this.working.size;
  }
}

/**
 * What the step protocol does: programs in any language claim steps, say that they live, and settle them, with the same fence, the same decisions and the same
 * ledger as our own workers. See docs/step-protocol.md.
 */
import { judgeRecorded, PermanentError } from '@carillon/engine';
import type { AfterStep } from '@carillon/engine';
import type { Bus } from '@carillon/messaging';
import { beatExternal, claimExternal, externalAttempt, keepPart, outputsOf, readPart, releaseExternal, settleOne, StaleLease } from '@carillon/persistence';
import type { ClaimedStep, ExternalHold, HostedPipeline, Settled, WorkPlace } from '@carillon/persistence';
import { WorkDue } from '@carillon/shared';
import type { WorkBeat, WorkBeatReply, WorkClaim, WorkClaimReply, WorkKeep, WorkKeepReply, WorkRead, WorkReadReply, WorkSettle, WorkSettleReply, WorkStep } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { didYouMean } from '../did-you-mean.js';
import { traceAttempt, traceparentOf } from '../tracing/tracing.js';
import { Hints } from './hints.js';
import { ownedSteps } from './owned-steps.js';
import type { OwnedSteps } from './owned-steps.js';
import type { Relay } from './relay.js';
import { nextInWords } from './step-attempt.js';
import { BadOutcome, outcomeOf } from './work-outcome.js';

const LEASE_SECONDS = 30;
/** Hints may get lost, and a step becomes due by itself: who waits looks again this often. */
const LOOK_AGAIN_MS = 2_000;

/** Of a value in one answer; in base64 it stays below what NATS carries. */
const PART_BYTES = 512 * 1024;

/** The worker that speaks does not have the step any more. */
export class NotYours extends PermanentError {
  override readonly name = 'NotYours';
}

/** No pipeline has external steps of this owner, or none that were asked for. */
export class NoSuchWork extends PermanentError {
  override readonly name = 'NoSuchWork';
}

/** So many may wait at one scheduler; the answers of further ones come early, so that none waits behind them. */
const MOST_WAITING = 48;

export class WorkDesk {
  private readonly hints = new Hints();
  private readonly owned: ReadonlyMap<string, OwnedSteps>;
  private looks = 0;

  constructor(
    private readonly dataSource: DataSource,
    pipelines: readonly HostedPipeline[],
    private readonly bus: Pick<Bus, 'listen'>,
    private readonly relay: Relay,
    private readonly log: Logger,
    private readonly onSettled?: (claim: ClaimedStep, settled: Settled | undefined, ms: number) => void,
  ) {
    const owners = pipelines.flatMap(({ pipeline }) => pipeline.steps.flatMap(({ plan }) => (plan.external === true ? [plan.owner] : [])));
    this.owned = new Map([...new Set(owners)].map((owner) => [owner, ownedSteps(pipelines, owner, false)]));
  }

  start(): void {
    this.bus.listen(WorkDue.subject, (subject) => this.hints.give(subject.split('.')[1] ?? ''));
  }

  /** A step, at once or when one becomes due within the time that the worker waits. `gone` aborts when this scheduler stops. @throws NoSuchWork */
  async claim(owner: string, ask: WorkClaim, gone: AbortSignal): Promise<WorkClaimReply> {
    const { worker, leaseSeconds = LEASE_SECONDS, waitSeconds = 0 } = ask;
    const places = this.placesOf(owner, ask);
    const until = performance.now() + Math.min(waitSeconds * 1_000, this.hints.listeners < MOST_WAITING ? Infinity : LOOK_AGAIN_MS);
    for (;;) {
      // Listening begins before looking, or a step that becomes due in between would be missed.
      const hint = this.hints.next(owner);
      try {
        const claim = await this.look(owner, worker, leaseSeconds * 1_000, places);
        if (claim && gone.aborted) await releaseExternal(this.dataSource, holdOf(owner, claim));
        else if (claim && (await this.isWanted(owner, claim))) return { step: shown(claim, leaseSeconds) };
        else if (claim) continue;
        const left = until - performance.now();
        if (left <= 0 || gone.aborted) return { step: null };
        await hint.within(Math.min(left, LOOK_AGAIN_MS), gone);
      } finally {
        hint.drop();
      }
    }
  }

  /** Keeps the lease, shows progress, and tells whether to stop. */
  async beat(owner: string, { leaseSeconds = LEASE_SECONDS, done, total, ...place }: WorkBeat): Promise<WorkBeatReply> {
    const progress = done !== undefined && total !== undefined && { done, total };
    const beaten = await beatExternal(this.dataSource, { owner, ...place }, leaseSeconds * 1_000, progress || undefined);
    if (!beaten) return { lost: true };
    return { lost: false, ...(beaten.cancelRequested ? { stop: 'cancelled' as const } : beaten.late && { stop: 'timeout' as const }) };
  }

  /** @throws NotYours, and BadOutcome where the outcome lacks what its kind needs; then nothing was written */
  async settle(owner: string, words: WorkSettle): Promise<WorkSettleReply> {
    const { runId, stepId, fence } = words;
    const outcome = outcomeOf(words);
    const attempt = await externalAttempt(this.dataSource, { owner, runId, stepId, fence });
    if (attempt === 'settled') return { next: 'settled before', repeated: true };
    if (!attempt) throw notYours(words);
    const { claim, elapsedMs } = attempt;
    const judged = outcome.kind === 'fail' ? { ...outcome, error: judgeRecorded(claim.plan.retryable, outcome.error) } : outcome;
    const next = await this.settled(claim, judged, elapsedMs);
    if (!next) throw notYours(words);
    this.log.info({ run: runId, pipeline: claim.run.pipeline, step: claim.name, owner, outcome: outcome.kind, next: nextInWords(next) }, 'step settled by its owner');
    return { next: nextInWords(next) };
  }

  /** A part of what an earlier step of the run kept. @throws NotYours, BadOutcome when there is no such value */
  async read(owner: string, { ref, offset = 0, ...place }: WorkRead): Promise<WorkReadReply> {
    const { claim } = await this.held(owner, place);
    const { kind, bytes, part } = await inWords(() => readPart(this.dataSource, claim.run.id, ref, offset, PART_BYTES));
    const next = offset + part.byteLength;
    return { kind, bytes, data: part.toString('base64'), ...(next < bytes && { next }) };
  }

  /** @throws NotYours, BadOutcome when the part does not fit */
  async keep(owner: string, { name, kind, offset = 0, data, ...place }: WorkKeep): Promise<WorkKeepReply> {
    const { claim } = await this.held(owner, place);
    const part = Buffer.from(data, 'base64');
    return { reference: await inWords(() => keepPart(this.dataSource, claim, { name, kind, offset, part })).catch((error: unknown) => rethrow(error instanceof StaleLease ? notYours(place) : error)) };
  }

  private async held(owner: string, { runId, stepId, fence }: Omit<ExternalHold, 'owner'>): Promise<{ claim: ClaimedStep }> {
    const attempt = await externalAttempt(this.dataSource, { owner, runId, stepId, fence });
    if (!attempt || attempt === 'settled') throw notYours({ runId, stepId, fence });
    return attempt;
  }

  private async settled(claim: ClaimedStep, outcome: ReturnType<typeof outcomeOf>, elapsedMs: number): Promise<AfterStep | undefined> {
    try {
      const settled = await settleOne(this.dataSource, { claim, outcome, elapsedMs, random: Math.random(), goesOn: () => false });
      this.onSettled?.(claim, settled, elapsedMs);
      traceAttempt(claim.run, claim.name, { 'carillon.pipeline': claim.run.pipeline, 'carillon.attempt': claim.attempt }, elapsedMs);
      this.relay.nudge();
      return settled.next;
    } catch (error) {
      if (error instanceof StaleLease) return undefined;
      // Such as an output that is too large: the worker is to hear of it.
      if (error instanceof PermanentError) throw new BadOutcome(error.message, { cause: error });
      throw error;
    }
  }

  /** Places take turns in being looked at first. */
  private async look(owner: string, worker: string, leaseMs: number, places: readonly WorkPlace[]): Promise<ClaimedStep | undefined> {
    this.looks += 1;
    for (let n = 0; n < places.length; n += 1) {
      const place = places[(this.looks + n) % places.length] as WorkPlace;
      const claim = await claimExternal(this.dataSource, { owner, worker, leaseMs, place });
      if (claim) return claim;
    }
    return undefined;
  }

  private placesOf(owner: string, { pipeline, steps }: WorkClaim): WorkPlace[] {
    const owned = this.owned.get(owner);
    if (!owned) throw new NoSuchWork(`no pipeline here has external steps of "${owner}"${didYouMean(owner, [...this.owned.keys()])}`);
    const wanted = (name: string, step: string): boolean => (pipeline === undefined || name === pipeline) && (steps === undefined || steps.includes(step));
    const plain = owned.plain.steps.filter((step) => wanted(...(step.split('.') as [string, string])));
    const limited = [...owned.limited].map(([name, one]) => ({ kind: 'limited' as const, pipeline: name, limits: one.limits, steps: one.steps.filter((step) => wanted(name, step.name)) })).filter((one) => one.steps.length > 0);
    const places: WorkPlace[] = [...(plain.length > 0 ? [{ kind: 'plain' as const, pipelines: owned.plain.pipelines, steps: plain }] : []), ...limited];
    if (places.length === 0) throw new NoSuchWork(`"${owner}" has no such steps: it has ${[...owned.all].join(', ')}`);
    return places;
  }

  /** A step of a run that was cancelled before the claim is ended here; nothing of it may be done. */
  private async isWanted(owner: string, claim: ClaimedStep): Promise<boolean> {
    this.log.debug({ run: claim.run.id, pipeline: claim.run.pipeline, step: claim.name, owner }, 'step claimed by its owner');
    if (!claim.cancelRequested) return true;
    await this.settled(claim, { kind: 'cancelled', reason: 'the run was cancelled' }, 0);
    return false;
  }
}

/** What can not be done as the worker words it is told to the worker. */
async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PermanentError) throw new BadOutcome(error.message, { cause: error });
    throw error;
  }
}

function rethrow(error: unknown): never {
  throw error;
}

function shown({ id, fence, attempt, name, plan, past, run }: ClaimedStep, leaseSeconds: number): WorkStep {
  const traceparent = traceparentOf(run);
  return { stepId: id, runId: run.id, fence, pipeline: run.pipeline, name, attempt, scope: run.scope, params: run.params, outputs: outputsOf(past), timeoutSeconds: plan.timeoutMs / 1_000, leaseSeconds, ...(traceparent !== undefined && { traceparent }) };
}

const holdOf = (owner: string, { id, fence, run }: ClaimedStep): ExternalHold => ({ owner, runId: run.id, stepId: id, fence });
const notYours = ({ stepId, runId, fence }: Omit<ExternalHold, 'owner'>): NotYours =>
  new NotYours(`step ${stepId} of run ${runId} is not yours any more (fence ${fence}): its lease ran out, another worker has it, or its run is over. Nothing was written; claim again`);

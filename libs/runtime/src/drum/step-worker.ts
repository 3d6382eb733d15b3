/**
 * Works on one step: claim → run → settle. The claim's fence protects every write; a step that is cancelled, out of time or no longer ours is
 * told through its AbortSignal. Losing a race is a value, not an error.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fail, snooze, TransientError } from '@carillon/engine';
import type { AfterStep, AttemptContext, Pipeline, Step, StepOutcome } from '@carillon/engine';
import { claimStep, isConnectionLost, settleStep, StaleLease } from '@carillon/persistence';
import type { ClaimedStep, HostedPipeline, LeaseKeeper } from '@carillon/persistence';
import type { StepDue } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Relay } from './relay.js';

/** A step that does not stop when its time is up is given up after this much more. */
const STOP_GRACE_MS = 5_000;

/** A lost connection is no fault of the step: the same outcome is offered again this often, the wait growing by this much. */
const SETTLE_ATTEMPTS = 5;
const SETTLE_AGAIN_MS = 200;

/** Why a step's signal was aborted. */
type StopReason = 'cancelled' | 'lost' | 'timeout' | 'shutdown';

class StepStopped extends Error {
  override readonly name = 'StepStopped';
  constructor(readonly reason: StopReason) {
    super(`the step was stopped: ${reason}`);
  }
}

export interface StepWorkerOptions {
  dataSource: DataSource;
  keeper: LeaseKeeper;
  relay: Relay;
  pipelines: readonly HostedPipeline[];
  log: Logger;
  workerId: string;
  leaseMs: number;
}

export class StepWorker {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;

  constructor(private readonly options: StepWorkerOptions) {
    this.hosted = new Map(options.pipelines.map((one) => [one.pipeline.name, one]));
  }

  /** Handles one nudge. Resolves when the step is settled, or when there was nothing for us to do. */
  async handle(message: StepDue, shutdown: AbortSignal): Promise<void> {
    const { dataSource, workerId, leaseMs } = this.options;
    const claim = await claimStep(dataSource, message.stepId, workerId, leaseMs);
    if (!claim) return;
    const log = this.options.log.child({ run: claim.run.id, pipeline: claim.run.pipeline, step: claim.name, stepId: claim.id, attempt: claim.attempt });
    const started = performance.now();
    try {
      await this.work(claim, shutdown, log, started);
    } finally {
      this.options.keeper.release(claim.id);
    }
    this.options.relay.nudge();
  }

  /** The lease is kept until the outcome is in the ledger: a long last write is work as well. */
  private async work(claim: ClaimedStep, shutdown: AbortSignal, log: Logger, started: number): Promise<void> {
    const outcome = await this.attempt(claim, shutdown, log);
    if (outcome === undefined) return log.warn({}, 'no longer ours, nothing written');
    const next = await this.settle(claim, outcome, log);
    if (next) log.info({ outcome: outcome.kind, next: nextInWords(next), ms: Math.round(performance.now() - started), ...(outcome.kind === 'done' && { counts: outcome.counts }), ...(outcome.kind === 'fail' && { error: outcome.error.message }) }, 'step settled');
  }

  /** Runs the step's own code under its lease; undefined when the lease was lost meanwhile. */
  private async attempt(claim: ClaimedStep, shutdown: AbortSignal, log: Logger): Promise<StepOutcome | undefined> {
    const { keeper } = this.options;
    const stop = new AbortController();
    const stopWith = (reason: StopReason) => (): void => stop.abort(new StepStopped(reason));
    const timeout = setTimeout(stopWith('timeout'), claim.plan.timeoutMs);
    const onShutdown = stopWith('shutdown');
    shutdown.addEventListener('abort', onShutdown, { once: true });
    if (shutdown.aborted) onShutdown();
    keeper.hold(claim, claim.plan.timeoutMs + 2 * STOP_GRACE_MS, (reason) => stopWith(reason)());
    try {
      const outcome = await Promise.race([this.runStep(claim, stop.signal, log), givenUp(stop.signal)]);
      return afterStop(stop.signal, outcome);
    } catch (error) {
      if (!stop.signal.aborted) log.warn({ err: error }, 'the step threw');
      return afterStop(stop.signal, fail(error));
    } finally {
      clearTimeout(timeout);
      shutdown.removeEventListener('abort', onShutdown);
    }
  }

  private async runStep(claim: ClaimedStep, signal: AbortSignal, log: Logger): Promise<StepOutcome> {
    const hosted = this.hosted.get(claim.run.pipeline);
    const step = hosted && stepOf(hosted.pipeline, claim.name);
    if (!hosted || !step) throw new TransientError(`step "${claim.name}" of "${claim.run.pipeline}" is not in this version of the service`);
    const context: AttemptContext<never> = {
      run: claim.run,
      step: claim.name,
      attempt: claim.attempt,
      now: claim.claimedAt,
      services: hosted.services,
      outputs: claim.outputs,
      signal,
      progress: (done, total) => this.options.keeper.progress(claim.id, done, total),
      log,
    };
    return step.run(context);
  }

  /** A step whose last write fails has failed; its record still commits. A lost lease writes nothing. */
  private async settle(claim: ClaimedStep, outcome: StepOutcome, log: Logger, attempt = 1): Promise<AfterStep | undefined> {
    try {
      return await settleStep(this.options.dataSource, claim, outcome, Math.random());
    } catch (error) {
      if (error instanceof StaleLease) {
        log.warn({}, error.message);
        return undefined;
      }
      if (isConnectionLost(error) && attempt < SETTLE_ATTEMPTS) {
        await delay(SETTLE_AGAIN_MS * attempt);
        return this.settle(claim, outcome, log, attempt + 1);
      }
      // Unsettled, the step is taken over when its lease has run out.
      if (outcome.kind !== 'done' || isConnectionLost(error)) throw error;
      log.warn({ err: error }, "the step's last write failed");
      return this.settle(claim, fail(error), log);
    }
  }
}

/** What a stopped step's answer is worth: finished work counts unless the lease is gone. */
function afterStop(signal: AbortSignal, outcome: StepOutcome): StepOutcome | undefined {
  if (!signal.aborted) return outcome;
  const { reason } = signal.reason as StepStopped;
  if (reason === 'lost') return undefined;
  if (outcome.kind === 'done') return outcome;
  if (reason === 'cancelled') return { kind: 'cancelled', reason: 'the run was cancelled' };
  if (reason === 'shutdown') return snooze(new Date(0), 'released at shutdown');
  return fail(new TransientError('the step did not finish in time'));
}

/** Resolves for a step that was told to stop and did not. */
function givenUp(signal: AbortSignal): Promise<StepOutcome> {
  return new Promise((resolve) => {
    const give = (): void => void setTimeout(() => resolve(fail(signal.reason)), STOP_GRACE_MS).unref();
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

const stepOf = (pipeline: Pipeline<never>, name: string): Step<never> | undefined => pipeline.steps.find((one) => one.plan.name === name);

function nextInWords(next: AfterStep): string {
  if (next.kind === 'again') return `again at ${next.dueAt.toISOString()}`;
  return next.kind === 'step' ? next.next.name : `run ${next.status}`;
}

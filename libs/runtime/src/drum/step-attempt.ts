/** One attempt of one step in this process: its code, its time limit, its signal, and what its answer is worth when it was told to stop. */
import { fail, snooze, TransientError } from '@carillon/engine';
import type { AfterStep, Pipeline, Step, StepOutcome } from '@carillon/engine';
import { monotonicMs, outputsOf } from '@carillon/persistence';
import type { ClaimedStep, HostedPipeline, LeaseKeeper } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { equip } from './step-context.js';

/** A step that does not stop when its time is up is given up after this much more. */
const STOP_GRACE_MS = 5_000;

/** Why a step's signal was aborted. */
type StopReason = 'cancelled' | 'lost' | 'timeout' | 'shutdown';

class StepStopped extends Error {
  override readonly name = 'StepStopped';
  constructor(readonly reason: StopReason) {
    super(`the step was stopped: ${reason}`);
  }
}

export class StepAttempt {
  /** Monotonic milliseconds. */
  readonly startedAt = monotonicMs();
  /** The ledger has shown it as ours at a heartbeat. */
  seen = false;
  /** Its outcome is on the way to the ledger. */
  settling = false;
  private readonly controller = new AbortController();
  private logger: Logger | undefined;

  constructor(
    readonly claim: ClaimedStep,
    private readonly hosted: HostedPipeline | undefined,
    private readonly options: { dataSource: DataSource; log: Logger; keeper: Pick<LeaseKeeper, 'progress'> },
  ) {}

  get elapsedMs(): number {
    return monotonicMs() - this.startedAt;
  }

  /** Made when it is first needed: most steps have nothing to say. */
  get log(): Logger {
    const { run, name, id, attempt } = this.claim;
    return (this.logger ??= this.options.log.child({ run: run.id, pipeline: run.pipeline, step: name, stepId: id, attempt }));
  }

  stop(reason: StopReason): void {
    if (!this.controller.signal.aborted) this.controller.abort(new StepStopped(reason));
  }

  /** What an error is worth that its code did not see, such as that of its last write. */
  failed(error: unknown): StepOutcome {
    const step = this.hosted && stepOf(this.hosted.pipeline, this.claim.name);
    return step ? { kind: 'fail', error: step.judge(error), thrown: error } : fail(error);
  }

  /** Runs the step's own code; undefined when the lease was lost meanwhile. Never rejects. */
  async outcome(): Promise<StepOutcome | undefined> {
    const { signal } = this.controller;
    if (this.claim.cancelRequested) return this.settled({ kind: 'cancelled', reason: 'the run was cancelled' });
    const timeout = setTimeout(() => this.stop('timeout'), this.claim.plan.timeoutMs);
    try {
      return this.settled(afterStop(signal, await Promise.race([this.run(signal), givenUp(signal)])));
    } catch (error) {
      if (!signal.aborted) this.log.warn({ err: error }, 'the step threw');
      return this.settled(afterStop(signal, fail(error)));
    } finally {
      clearTimeout(timeout);
    }
  }

  /** One line a step for whoever looks closely, one a run for everybody. */
  report(outcome: StepOutcome, next: AfterStep): void {
    const { log } = this.options;
    const ms = Math.round(this.elapsedMs);
    if (outcome.kind === 'fail') this.log.warn({ next: nextInWords(next), ms, error: outcome.error.message }, 'step failed');
    else if (log.isLevelEnabled('debug')) this.log.debug({ outcome: outcome.kind, next: nextInWords(next), ms, ...(outcome.kind === 'done' && { counts: outcome.counts }) }, 'step settled');
    if (next.kind === 'finish' && log.isLevelEnabled('info')) this.log.info({ status: next.status }, 'run ended');
  }

  private settled(outcome: StepOutcome | undefined): StepOutcome | undefined {
    this.settling = true;
    return outcome;
  }

  private async run(signal: AbortSignal): Promise<StepOutcome> {
    const { claim, hosted } = this;
    const step = hosted && stepOf(hosted.pipeline, claim.name);
    if (!hosted || !step) throw new TransientError(`step "${claim.name}" of "${claim.run.pipeline}" is not in this version of the service`);
    const held = { runId: claim.run.id, stepId: claim.id, fence: claim.fence };
    const context = equip<never>(this.options.dataSource, claim, {
      run: claim.run,
      step: claim.name,
      attempt: claim.attempt,
      now: claim.claimedAt,
      services: hosted.services,
      outputs: outputsOf(claim.past),
      signal,
      progress: (done, total) => this.options.keeper.progress(held, done, total),
      log: this.log,
    });
    return step.run(context);
  }
}

/** What a stopped step's answer is worth: finished work counts unless the lease is gone. */
function afterStop(signal: AbortSignal, outcome: StepOutcome): StepOutcome | undefined {
  if (!signal.aborted) return outcome;
  const { reason } = signal.reason as StepStopped;
  if (reason === 'lost') return undefined;
  if (outcome.kind === 'done') return outcome;
  const counts = 'counts' in outcome && outcome.counts !== undefined && { counts: outcome.counts };
  if (reason === 'cancelled') return { kind: 'cancelled', reason: 'the run was cancelled', ...counts };
  if (reason === 'shutdown') return snooze(new Date(0), 'released at shutdown');
  return { ...fail(new TransientError('the step did not finish in time')), ...counts };
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

export function nextInWords(next: AfterStep): string {
  if (next.kind === 'again') return `again at ${next.dueAt.toISOString()}`;
  return next.kind === 'step' ? next.next.name : `run ${next.status}`;
}

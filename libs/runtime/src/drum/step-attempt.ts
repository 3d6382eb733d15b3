/** One attempt of one step in this process: its code, its time limit, its signal, and what its answer is worth when it was told to stop. */
import { fail, snooze, TransientError } from '@carillon/engine';
import type { AfterStep, Pipeline, Step, StepOutcome } from '@carillon/engine';
import { monotonicMs } from '@carillon/persistence';
import type { ClaimedStep, HostedPipeline, LeaseKeeper } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { contextOf } from './step-context.js';

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
  /** Its outcome is on the way to the ledger. */
  settling = false;
  private stopped: StepStopped | undefined;
  private controller: AbortController | undefined;
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

  /** Made when the step first looks at it. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.stopped && !this.controller.signal.aborted) this.controller.abort(this.stopped);
    return this.controller.signal;
  }

  stop(reason: StopReason): void {
    if (this.stopped) return;
    this.stopped = new StepStopped(reason);
    this.controller?.abort(this.stopped);
    setTimeout(() => this.giveUp(fail(this.stopped)), STOP_GRACE_MS).unref();
  }

  /** Ends the wait for a step that was told to stop and did not. */
  private giveUp: (outcome: StepOutcome) => void = () => undefined;

  /** What an error is worth that its code did not see, such as that of its last write. */
  failed(error: unknown): StepOutcome {
    const step = this.hosted && stepOf(this.hosted.pipeline, this.claim.name);
    return step ? { kind: 'fail', error: step.judge(error), thrown: error } : fail(error);
  }

  /** Runs the step's own code; undefined when the lease was lost meanwhile. Never rejects. */
  outcome(): Promise<StepOutcome | undefined> {
    if (this.claim.cancelRequested) return Promise.resolve(this.settled({ kind: 'cancelled', reason: 'the run was cancelled' }));
    return new Promise((resolve) => {
      const timeout = setTimeout(() => this.stop('timeout'), this.claim.plan.timeoutMs);
      const end = (outcome: StepOutcome): void => {
        clearTimeout(timeout);
        resolve(this.settled(afterStop(this.stopped, outcome)));
      };
      this.giveUp = end;
      this.run().then(end, (error: unknown) => {
        if (!this.stopped) this.log.warn({ err: error }, 'the step threw');
        end(fail(error));
      });
    });
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

  private async run(): Promise<StepOutcome> {
    const { claim, hosted } = this;
    const step = hosted && stepOf(hosted.pipeline, claim.name);
    if (!hosted || !step) throw new TransientError(`step "${claim.name}" of "${claim.run.pipeline}" is not in this version of the service`);
    return step.run(contextOf(this, hosted.services, this.options));
  }
}

/** What a stopped step's answer is worth: finished work counts unless the lease is gone. */
function afterStop(stopped: StepStopped | undefined, outcome: StepOutcome): StepOutcome | undefined {
  if (!stopped) return outcome;
  const { reason } = stopped;
  if (reason === 'lost') return undefined;
  if (outcome.kind === 'done') return outcome;
  const counts = 'counts' in outcome && outcome.counts !== undefined && { counts: outcome.counts };
  if (reason === 'cancelled') return { kind: 'cancelled', reason: 'the run was cancelled', ...counts };
  if (reason === 'shutdown') return snooze(new Date(0), 'released at shutdown');
  return { ...fail(new TransientError('the step did not finish in time')), ...counts };
}

const stepOf = (pipeline: Pipeline<never>, name: string): Step<never> | undefined => pipeline.steps.find((one) => one.plan.name === name);

export function nextInWords(next: AfterStep): string {
  if (next.kind === 'again') return `again at ${next.dueAt.toISOString()}`;
  return next.kind === 'step' ? next.next.name : `run ${next.status}`;
}

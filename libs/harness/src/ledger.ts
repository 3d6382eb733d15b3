/**
 * The runs of a bell, in memory. It keeps what the real ledger keeps and decides nothing: overlap and what follows a step are the engine's own answers.
 */
import { afterLostAttempt, afterStep, decideOverlap } from '@carillon/engine';
import type { AfterStep, JsonObject, Pipeline, RunEnd, RunProgress, StepEnd, StepOutcome, StepPlan } from '@carillon/engine';
import { sum } from './story.js';
import type { ToldRun, ToldStep } from './story.js';

export interface NewRun {
  scope: string;
  trigger: string;
  reason: string;
  params?: JsonObject;
  scheduledFor?: Date;
}

/** The attempt of a run that is due or being worked on. */
export interface Due {
  plan: StepPlan;
  attempt: number;
  tried: number;
  lost: number;
  at: Date;
  /** What came of it, known already and told when its time is over. */
  working?: { startedAt: Date; until: Date; outcome: StepOutcome };
}

export interface Run extends ToldRun {
  params: JsonObject;
  due: Due | undefined;
  ended: Map<string, StepEnd>;
  itemErrors: number;
  cancelRequested: boolean;
}

export class Ledger {
  readonly runs: Run[] = [];
  readonly active = new Set<Run>();
  readonly #plan: readonly StepPlan[];

  constructor(
    private readonly pipeline: Pipeline<never>,
    private readonly random: () => number,
    private readonly onEnd: (run: Run) => void,
  ) {
    this.#plan = pipeline.steps.map((step) => step.plan);
  }

  activeOf(scope: string): Run[] {
    return [...this.active].filter((run) => run.scope === scope);
  }

  /** Starts, queues or skips a run, as the pipeline's overlap policy says. */
  create({ scope, trigger, reason, params = {}, scheduledFor }: NewRun, now: Date): Run {
    const active = this.activeOf(scope);
    const running = active.filter((one) => one.status === 'running').length;
    const decision = decideOverlap(this.pipeline.overlap, running, active.length - running);
    const id = this.#nextId();
    const run: Run = {
      ...{ id, scope, trigger, reason, params, scheduledFor: scheduledFor ?? null, status: 'queued', requestedAt: now, startedAt: null, finishedAt: null },
      ...{ counts: {}, errors: [], outputs: {}, steps: [], due: undefined, ended: new Map(), itemErrors: 0, cancelRequested: false },
    };
    this.runs.push(run);
    if (decision === 'skip') return Object.assign(run, { status: 'skipped', reason: `skipped: run ${active[0]?.id} is ${active[0]?.status}`, finishedAt: now });
    this.active.add(run);
    if (decision === 'replace') this.cancel(active, `replaced by run ${id}`, now);
    else if (decision === 'start') this.#start(run, now);
    return run;
  }

  /** A run that never began: what it waited for did not come. */
  fail(newRun: NewRun, errors: string[], now: Date): Run {
    const { scope, trigger, reason, scheduledFor = null } = newRun;
    const run: Run = {
      ...{ id: this.#nextId(), scope, trigger, reason, params: {}, scheduledFor, status: 'failed', requestedAt: now, startedAt: now, finishedAt: now },
      ...{ counts: {}, errors, outputs: {}, steps: [], due: undefined, ended: new Map(), itemErrors: 0, cancelRequested: false },
    };
    this.runs.push(run);
    this.onEnd(run);
    return run;
  }

  /** What waits ends now, what is worked on is stopped now. Queued ones first, or the end of a running one would start them. */
  cancel(runs: readonly Run[], reason: string, now: Date): void {
    for (const run of [...runs].sort((a, b) => a.status.localeCompare(b.status))) {
      Object.assign(run, { cancelRequested: true, reason });
      if (run.due?.working) this.settle(run, { kind: 'cancelled', reason }, now);
      else this.#finish(run, 'cancelled', now);
    }
  }

  /** Records the outcome of the attempt that is worked on, and what follows from it. */
  settle(run: Run, outcome: StepOutcome, now: Date): AfterStep {
    const due = dueOf(run);
    const errors = outcome.kind === 'done' ? (outcome.errors ?? []) : [];
    run.itemErrors += errors.length;
    run.errors.push(...errors.map((error) => `${due.plan.name}: ${error}`));
    const tried = due.tried + 1;
    const next = afterStep(this.#progress(run), { step: due.plan.name, tried, lost: due.lost }, outcome, now, this.random());
    const status = next.kind !== 'again' ? next.end : outcome.kind === 'snooze' ? 'snoozed' : 'retried';
    this.#record(run, due, { status, now, reason: reasonOf(outcome), error: outcome.kind === 'fail' ? outcome.error : next.kind === 'again' ? null : (next.error ?? null) }, outcome);
    this.#follow(run, { ...due, tried: status === 'snoozed' ? due.tried : tried }, next, now);
    return next;
  }

  /** The worker of the attempt died in it. */
  lose(run: Run, diedAt: Date, now: Date): void {
    const due = { ...dueOf(run), lost: dueOf(run).lost + 1 };
    const next = afterLostAttempt(this.#progress(run), { step: due.plan.name, tried: due.tried, lost: due.lost }, now);
    this.#record(run, due, { status: 'lost', now: diedAt, reason: 'its worker fell silent', error: null });
    this.#follow(run, due, next, now);
  }

  /** A UUID as the database wants one, and still told apart at a glance. */
  #nextId(): string {
    return `00000000-0000-7000-8000-${String(this.runs.length + 1).padStart(12, '0')}`;
  }

  #start(run: Run, now: Date): void {
    const [first] = this.#plan;
    if (!first) throw new Error(`pipeline "${this.pipeline.name}" has no steps`);
    Object.assign(run, { status: 'running', startedAt: now, due: { plan: first, attempt: 1, tried: 0, lost: 0, at: now } });
  }

  #follow(run: Run, due: Due, next: AfterStep, now: Date): void {
    if (next.kind === 'again') {
      run.due = { plan: due.plan, attempt: due.attempt + 1, tried: due.tried, lost: due.lost, at: next.dueAt };
      return;
    }
    run.ended.set(due.plan.name, next.end);
    if (next.error) run.errors.push(`${due.plan.name}: ${next.error.message}`);
    for (const { name, reason } of next.skipped) {
      run.ended.set(name, 'skipped');
      run.steps.push({ name, attempt: 1, status: 'skipped', startedAt: now, finishedAt: now, reason, error: null, counts: {}, output: null });
    }
    if (next.kind === 'finish') this.#finish(run, next.status, now);
    else run.due = { plan: next.next, attempt: 1, tried: 0, lost: 0, at: now };
  }

  #record(run: Run, due: Due, ended: { status: ToldStep['status']; now: Date; reason: string | null; error: ToldStep['error'] }, outcome?: StepOutcome): void {
    const { status, now, reason, error } = ended;
    const { counts = {}, output = null } = outcome?.kind === 'done' ? outcome : {};
    run.steps.push({ name: due.plan.name, attempt: due.attempt, status, startedAt: due.working?.startedAt ?? now, finishedAt: now, reason, error, counts, output });
    if (output) run.outputs[due.plan.name] = output;
    run.counts = sum([run.counts, counts]);
  }

  #finish(run: Run, status: RunEnd, now: Date): void {
    Object.assign(run, { status, finishedAt: now, due: undefined });
    this.active.delete(run);
    this.onEnd(run);
    const waiting = this.activeOf(run.scope);
    const next = waiting.find((one) => one.status === 'queued');
    if (next && !waiting.some((one) => one.status === 'running')) this.#start(next, now);
  }

  #progress(run: Run): RunProgress {
    return { plan: this.#plan, ended: run.ended, itemErrors: run.itemErrors, cancelRequested: run.cancelRequested };
  }
}

function dueOf(run: Run): Due {
  if (!run.due) throw new Error(`${run.id} has no step that is due`);
  return run.due;
}

function reasonOf(outcome: StepOutcome): string | null {
  return 'reason' in outcome ? outcome.reason : null;
}

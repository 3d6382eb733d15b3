/**
 * What this process did, counted in memory: the hot path adds to plain numbers, and Prometheus asks for them when it likes. Labels are names that
 * somebody wrote into code (pipelines, steps, outcomes), never scopes or ids, so the number of series is bounded by the code.
 */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** Where a step is: names of the code, no ids. */
export interface StepName {
  pipeline: string;
  step: string;
}

/** From a few milliseconds, where dispatch should be, to the half minute after which the lease would have run out. */
const DISPATCH_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.5, 2, 10, 60, 300, 1_800];
/** More names than any house has; what comes after them is counted as "other", so that a mistake can not fill the memory. */
const MOST_NAMES = 500;
/** Default metrics look at the event loop this often: at the usual 10 ms an idle process would wake a hundred times a second. */
const LOOP_PRECISION_MS = 100;

export class Meters {
  readonly registry = new Registry();
  private readonly names = new Set<string>();
  private readonly dispatch = this.histogram('carillon_dispatch_seconds', 'From when a step was due to when a worker began it.', ['pipeline'], DISPATCH_BUCKETS);
  private readonly duration = this.histogram('carillon_step_duration_seconds', 'How long one attempt of a step took.', ['pipeline', 'step'], DURATION_BUCKETS);
  private readonly steps = this.counter('carillon_steps_total', 'Attempts of steps that this process settled, by outcome.', ['pipeline', 'step', 'outcome']);
  private readonly runs = this.counter('carillon_runs_total', 'Runs that this process ended, by outcome.', ['pipeline', 'outcome']);
  private readonly takeOvers = this.counter('carillon_lease_takeovers_total', 'Steps taken over from workers that fell silent.', []);
  private readonly published = this.counter('carillon_relayed_total', 'Promised messages that this process published.', []);
  private readonly notices = this.counter('carillon_notices_total', 'Notices that this process settled, by what became of them.', ['channel', 'status']);

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
  }

  /** @param lateMs from when the step was due to now */
  stepStarted({ pipeline }: Pick<StepName, 'pipeline'>, lateMs: number): void {
    this.dispatch.observe({ pipeline: this.bounded(pipeline) }, Math.max(0, lateMs) / 1_000);
  }

  /** @param outcome done, failed, skipped, cancelled, again (retried or snoozed) or lost */
  stepSettled({ pipeline, step }: StepName, outcome: string, tookMs: number): void {
    const names = { pipeline: this.bounded(pipeline), step: this.bounded(step) };
    this.duration.observe(names, tookMs / 1_000);
    this.steps.inc({ ...names, outcome });
  }

  /** @param outcome succeeded, partial, failed, cancelled or skipped */
  runEnded(pipeline: string, outcome: string): void {
    this.runs.inc({ pipeline: this.bounded(pipeline), outcome });
  }

  takenOver(steps: number): void {
    this.takeOvers.inc(steps);
  }

  relayed(messages: number): void {
    this.published.inc(messages);
  }

  noticeSettled(channel: string, status: string): void {
    this.notices.inc({ channel, status });
  }

  /** Memory, processor and event loop of the process. Apart, because a spec that has ten of these in one process wants them once at most. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LOOP_PRECISION_MS });
  }

  private bounded(name: string): string {
    if (this.names.has(name)) return name;
    if (this.names.size >= MOST_NAMES) return 'other';
    this.names.add(name);
    return name;
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

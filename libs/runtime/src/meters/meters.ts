/**
 * What this process did, counted in memory: the hot path adds to plain numbers, and Prometheus asks for them when it likes. Labels are names that
 * somebody wrote into code (pipelines, steps, outcomes), never scopes or ids, so the number of series is bounded by the code.
 */
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { registerTallies, Tally } from './tally.js';

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

/** One step of one pipeline. */
interface StepTally {
  outcomes: Map<string, number>;
  durations: Tally;
}

/** One pipeline. */
interface PipelineTally {
  dispatches: Tally;
  runs: Map<string, number>;
  steps: Map<string, StepTally>;
}

export class Meters {
  readonly registry = new Registry();
  private readonly pipelines = new Map<string, PipelineTally>();
  private readonly takeOvers = new Counter({ name: 'carillon_lease_takeovers_total', help: 'Steps taken over from workers that fell silent.', registers: [this.registry] });
  private readonly published = new Counter({ name: 'carillon_relayed_total', help: 'Promised messages that this process published.', registers: [this.registry] });
  private readonly notices = new Counter({ name: 'carillon_notices_total', help: 'Notices that this process settled, by what became of them.', labelNames: ['channel', 'status'], registers: [this.registry] });
  private names = 0;

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    registerTallies(this.registry, 'carillon_dispatch_seconds', 'From when a step was due to when a worker began it.', () => this.dispatches());
    registerTallies(this.registry, 'carillon_step_duration_seconds', 'How long one attempt of a step took.', () => this.durations());
    this.registerCounts('carillon_steps_total', 'Attempts of steps that this process settled, by outcome.', ['pipeline', 'step', 'outcome'], () => this.stepCounts());
    this.registerCounts('carillon_runs_total', 'Runs that this process ended, by outcome.', ['pipeline', 'outcome'], () => this.runCounts());
  }

  /** @param lateMs from when the step was due to when it was begun */
  stepStarted({ pipeline }: Pick<StepName, 'pipeline'>, lateMs: number): void {
    this.pipeline(pipeline).dispatches.observe(Math.max(0, lateMs) / 1_000);
  }

  /** @param outcome done, failed, skipped, cancelled, again (retried or snoozed) or lost */
  stepSettled({ pipeline, step }: StepName, outcome: string, tookMs: number): void {
    const tally = this.step(this.pipeline(pipeline), step);
    tally.durations.observe(tookMs / 1_000);
    add(tally.outcomes, outcome);
  }

  /** @param outcome succeeded, partial, failed, cancelled or skipped */
  runEnded(pipeline: string, outcome: string): void {
    add(this.pipeline(pipeline).runs, outcome);
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

  private pipeline(name: string): PipelineTally {
    return this.pipelines.get(name) ?? this.bounded(this.pipelines, name, () => ({ dispatches: new Tally(DISPATCH_BUCKETS), runs: new Map(), steps: new Map() }));
  }

  private step({ steps }: PipelineTally, name: string): StepTally {
    return steps.get(name) ?? this.bounded(steps, name, () => ({ outcomes: new Map(), durations: new Tally(DURATION_BUCKETS) }));
  }

  private bounded<T>(known: Map<string, T>, name: string, make: () => T): T {
    const label = this.names < MOST_NAMES ? name : 'other';
    const found = known.get(label);
    if (found) return found;
    this.names += 1;
    const made = make();
    known.set(label, made);
    return made;
  }

  private *dispatches(): Generator<[Record<string, string>, Tally]> {
    for (const [pipeline, { dispatches }] of this.pipelines) yield [{ pipeline }, dispatches];
  }

  private *durations(): Generator<[Record<string, string>, Tally]> {
    for (const [pipeline, { steps }] of this.pipelines) for (const [step, { durations }] of steps) yield [{ pipeline, step }, durations];
  }

  private *stepCounts(): Generator<[Record<string, string>, number]> {
    for (const [pipeline, { steps }] of this.pipelines) for (const [step, { outcomes }] of steps) for (const [outcome, count] of outcomes) yield [{ pipeline, step, outcome }, count];
  }

  private *runCounts(): Generator<[Record<string, string>, number]> {
    for (const [pipeline, { runs }] of this.pipelines) for (const [outcome, count] of runs) yield [{ pipeline, outcome }, count];
  }

  private registerCounts(name: string, help: string, labelNames: string[], counts: () => Iterable<readonly [Record<string, string>, number]>): void {
    const counter = new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => {
        counter.reset();
        for (const [labels, count] of counts()) counter.inc(labels, count);
      },
    });
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

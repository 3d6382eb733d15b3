/** Runs asked for and cancelled by hand, over the bus or HTTP: same rules, same answer. */
import type { JsonObject } from '@carillon/engine';
import { askOnce, cancelRuns, createRuns, createSimpleRuns, inTransaction, isConnectionLost, isSimple, overAtOnce, resumeRun, UnknownRun } from '@carillon/persistence';
import type { CreatedRun, HostedPipeline, NewRun } from '@carillon/persistence';
import type { RunCancel, RunManyReply, RunReply, RunRequest, RunResume } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Batch } from '../batch.js';
import type { RunObserver } from '../meters/observe-runs.js';
import { currentTraceparent } from '../tracing/tracing.js';
import type { Relay } from './relay.js';
import type { StepWorker } from './step-worker.js';

export class UnknownPipeline extends Error {
  override readonly name = 'UnknownPipeline';
}

export class RunDesk {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;
  private readonly plans: ReadonlyMap<string, NewRun['plan']>;
  private readonly making: Batch<NewRun, CreatedRun>;

  /** @param worker may begin at once with what is asked for here */
  constructor(
    private readonly dataSource: DataSource,
    pipelines: readonly HostedPipeline[],
    private readonly relay: Relay,
    private readonly log: Logger,
    private readonly worker?: StepWorker,
    private readonly onOver?: RunObserver,
  ) {
    this.hosted = new Map(pipelines.map((one) => [one.pipeline.name, one]));
    this.plans = new Map(pipelines.map(({ pipeline }) => [pipeline.name, pipeline.steps.map((step) => step.plan)]));
    this.making = new Batch({ round: (runs) => this.make(runs), most: 200, flights: 2, blames: (error) => !isConnectionLost(error) });
  }

  /** Starts a run, or records why it was skipped. @throws UnknownPipeline */
  async request(name: string, request: RunRequest): Promise<RunReply> {
    const { runs } = await this.requestMany(name, [request]);
    return runs[0] as RunReply;
  }

  /** The same for each of many. Those that nothing but their own scope decides are made together. @throws UnknownPipeline */
  async requestMany(name: string, requests: readonly RunRequest[]): Promise<RunManyReply> {
    const { pipeline } = this.pipelineCalled(name);
    const trace = currentTraceparent();
    const asked = requests.map((request): NewRun => ({
      pipeline: name,
      scope: request.scope ?? '',
      trigger: 'manual',
      reason: 'asked for by hand',
      plan: this.plans.get(name) ?? [],
      overlap: pipeline.overlap,
      priority: request.priority ?? pipeline.priority,
      params: (request.params ?? {}) as JsonObject,
      ...(trace !== undefined && { trace }),
      ...(request.dedupeKey !== undefined && { dedupeKey: request.dedupeKey }),
    }));
    const others = asked.filter((run) => !isSimple(run));
    const [simple, orderly] = await Promise.all([Promise.all(asked.filter(isSimple).map((run) => this.making.add(run))), others.length === 0 ? [] : inTransaction(this.dataSource, (manager) => createRuns(manager, others))]);
    this.relay.nudge();
    const runs = asked.map((run) => (isSimple(run) ? simple.shift() : orderly.shift()) as CreatedRun);
    this.onOver?.(runs.flatMap((run) => overAtOnce(name, run)));
    if (this.log.isLevelEnabled('debug')) for (const run of runs) this.log.debug({ pipeline: name, run: run.id, status: run.status, created: run.created }, 'run requested');
    return { runs: runs.map(({ id: runId, status, reason }) => ({ runId, status, ...(reason !== null && { reason }) })) };
  }

  /** Asks the named run, or every active one of the scope, to stop. @throws UnknownPipeline */
  async cancel(name: string, command: RunCancel): Promise<{ cancelled: string[] }> {
    this.pipelineCalled(name);
    const which = command.runId === undefined ? { pipeline: name, scope: command.scope ?? '' } : { ids: [command.runId] };
    const { asked: cancelled, over } = await inTransaction(this.dataSource, (manager) => cancelRuns(manager, which, command.reason ?? 'cancelled by hand'));
    this.relay.nudge();
    this.onOver?.(over);
    this.log.info({ pipeline: name, cancelled }, 'cancel requested');
    return { cancelled };
  }

  /** Goes on with an ended run, of the named pipeline if one is named, as a new run. @throws UnknownPipeline, UnknownRun, ResumeRefused */
  async resume(command: RunResume, name?: string): Promise<RunReply> {
    const run = await inTransaction(this.dataSource, (manager) =>
      resumeRun(manager, command, (pipeline) => {
        if (name !== undefined && name !== pipeline) throw new UnknownRun(`run ${command.runId} is one of "${pipeline}", not of "${name}"`);
        return this.pipelineCalled(pipeline).pipeline.overlap;
      }),
    );
    this.relay.nudge();
    this.onOver?.(overAtOnce(run.pipeline, run));
    this.log.info({ pipeline: run.pipeline, run: run.id, status: run.status, resumes: command.runId, from: run.from }, 'run resumed');
    return { runId: run.id, status: run.status, ...(run.reason !== null && { reason: run.reason }) };
  }

  /** Many requests are one statement, and a free worker begins with them at once. */
  private async make(runs: NewRun[]): Promise<CreatedRun[]> {
    const taker = this.worker?.reserve(runs.length);
    let made: CreatedRun[] = [];
    try {
      made = await createSimpleRuns(askOnce(this.dataSource), runs, taker);
      return made;
    } finally {
      if (taker) this.worker?.begin(taker, made);
    }
  }

  private pipelineCalled(name: string): HostedPipeline {
    const hosted = this.hosted.get(name);
    if (!hosted) throw new UnknownPipeline(`there is no pipeline "${name}" here; there is ${[...this.hosted.keys()].join(', ')}`);
    return hosted;
  }
}

/** Runs asked for and cancelled by hand, over the bus or HTTP: same rules, same answer. */
import type { JsonObject } from '@carillon/engine';
import { cancelRuns, createRun, inTransaction } from '@carillon/persistence';
import type { HostedPipeline } from '@carillon/persistence';
import type { RunCancel, RunReply, RunRequest } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Relay } from './relay.js';

export class UnknownPipeline extends Error {
  override readonly name = 'UnknownPipeline';
}

export class RunDesk {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;

  constructor(
    private readonly dataSource: DataSource,
    pipelines: readonly HostedPipeline[],
    private readonly relay: Relay,
    private readonly log: Logger,
  ) {
    this.hosted = new Map(pipelines.map((one) => [one.pipeline.name, one]));
  }

  /** Starts a run, or records why it was skipped. @throws UnknownPipeline */
  async request(name: string, request: RunRequest): Promise<RunReply> {
    const { pipeline } = this.pipelineCalled(name);
    const run = await inTransaction(this.dataSource, (manager) =>
      createRun(manager, {
        pipeline: name,
        scope: request.scope ?? '',
        trigger: 'manual',
        reason: 'asked for by hand',
        plan: pipeline.steps.map((step) => step.plan),
        overlap: pipeline.overlap,
        params: (request.params ?? {}) as JsonObject,
        ...(request.dedupeKey !== undefined && { dedupeKey: request.dedupeKey }),
      }),
    );
    this.relay.nudge();
    this.log.info({ pipeline: name, run: run.id, status: run.status, created: run.created }, 'run requested');
    return { runId: run.id, status: run.status, ...(run.reason !== null && { reason: run.reason }) };
  }

  /** Asks the named run, or every active one of the scope, to stop. @throws UnknownPipeline */
  async cancel(name: string, command: RunCancel): Promise<{ cancelled: string[] }> {
    this.pipelineCalled(name);
    const which = command.runId === undefined ? { pipeline: name, scope: command.scope ?? '' } : { ids: [command.runId] };
    const cancelled = await inTransaction(this.dataSource, (manager) => cancelRuns(manager, which, command.reason ?? 'cancelled by hand'));
    this.relay.nudge();
    this.log.info({ pipeline: name, cancelled }, 'cancel requested');
    return { cancelled };
  }

  private pipelineCalled(name: string): HostedPipeline {
    const hosted = this.hosted.get(name);
    if (!hosted) throw new UnknownPipeline(`there is no pipeline "${name}" here; there is ${[...this.hosted.keys()].join(', ')}`);
    return hosted;
  }
}

/** Schedules asked about and changed by people and programs, over the bus or HTTP: same rules, same answers. Each change is announced to every scheduler. */
import type { Bus } from '@carillon/messaging';
import { checkPunctuality, DefinitionError, readMisfire, readOverlap, readTrigger } from '@carillon/engine';
import type { JsonObject, Pipeline, Trigger } from '@carillon/engine';
import { backfillSchedule, createSchedule, databaseNow, deleteSchedule, editSchedule, listSchedules, overAtOnce, pauseSchedule, resumeSchedule, runScheduleNow, ScheduleRefused, showSchedule } from '@carillon/persistence';
import type { CreatedRun, Definition, HostedPipeline, ScheduleDetails, ScheduleView } from '@carillon/persistence';
import { ScheduleChanged } from '@carillon/shared';
import type { RunReply, ScheduleBackfill, ScheduleCreate, ScheduleDefinition, ScheduleEdit, ScheduleList, ScheduleName, ScheduleResume, ScheduleRun } from '@carillon/shared';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { didYouMean } from '../did-you-mean.js';
import type { RunObserver } from '../meters/observe-runs.js';
import type { Relay } from './relay.js';
import { UnknownPipeline } from './run-desk.js';

export interface BackfillReply {
  /** Instants of the range, and those of them that had run before. */
  owed: number;
  ranBefore: number;
  runs: RunReply[];
}

export interface ScheduleDeskOptions {
  dataSource: DataSource;
  pipelines: readonly HostedPipeline[];
  relay: Pick<Relay, 'nudge'>;
  bus: Pick<Bus, 'announce'>;
  /** The scheduler's own drum need not wait for the announcement. */
  drum: { nudge(): void };
  log: Logger;
  onOver?: RunObserver;
}

export class ScheduleDesk {
  private readonly hosted: ReadonlyMap<string, HostedPipeline>;

  constructor(private readonly options: ScheduleDeskOptions) {
    this.hosted = new Map(options.pipelines.map((one) => [one.pipeline.name, one]));
  }

  list(filter: ScheduleList): Promise<ScheduleView[]> {
    return listSchedules(this.options.dataSource, { limit: 100, ...filter });
  }

  /** @throws ScheduleRefused */
  async show(name: string): Promise<ScheduleDetails> {
    const details = await showSchedule(this.options.dataSource, name);
    if (!details) throw new ScheduleRefused('unknown_schedule', `there is no schedule "${name}"${didYouMean(name, await this.names())}`);
    return details;
  }

  /** @throws UnknownPipeline, DefinitionError, ScheduleRefused */
  async create(request: ScheduleCreate): Promise<ScheduleDetails> {
    const pipeline = this.pipelineCalled(request.pipeline);
    if (request.trigger === undefined) throw new DefinitionError('trigger: say when it rings, such as {"kind": "cron", "expression": "0 2 * * *", "timeZone": "Europe/Oslo"}');
    const scope = request.scope ?? '';
    const name = request.name ?? (scope === '' ? pipeline.name : `${pipeline.name}/${scope}`);
    const { misfire, overlap, daylight, jitterMs, deadlineMs, priority, trigger } = pipeline;
    await createSchedule(this.options.dataSource, { misfire, overlap, daylight, jitterMs, deadlineMs, priority, trigger, params: {}, ...(await this.definitionOf(request, pipeline)), name, pipeline: pipeline.name, scope });
    return this.changed('created', name);
  }

  /** @throws DefinitionError, ScheduleRefused */
  async edit(request: ScheduleEdit): Promise<ScheduleDetails> {
    const { pipeline } = await this.show(request.name);
    const runs = await editSchedule(this.options.dataSource, this.hosted, request.name, await this.definitionOf(request, this.pipelineCalled(pipeline)));
    return this.changed('edited', request.name, runs);
  }

  async pause({ name }: ScheduleName): Promise<ScheduleDetails> {
    return this.changed('paused', name, await this.known(name, pauseSchedule(this.options.dataSource, this.hosted, name)));
  }

  async resume({ name, from = 'now' }: ScheduleResume): Promise<ScheduleDetails> {
    await this.known(name, resumeSchedule(this.options.dataSource, this.hosted, name, from));
    return this.changed('resumed', name);
  }

  async delete({ name }: ScheduleName): Promise<{ deleted: string }> {
    await this.known(name, deleteSchedule(this.options.dataSource, this.hosted, name));
    this.announce('deleted', name);
    return { deleted: name };
  }

  async run({ name, params = {} }: ScheduleRun): Promise<RunReply> {
    const run = await this.known(name, runScheduleNow(this.options.dataSource, this.hosted, name, params as JsonObject));
    await this.made(name, [run]);
    this.options.log.info({ schedule: name, run: run.id, status: run.status }, 'run requested');
    return replyOf(run);
  }

  async backfill({ name, from, to, overlap = 'queue' }: ScheduleBackfill): Promise<BackfillReply> {
    const range = { from: instant('from', from), to: instant('to', to) };
    if (range.from > range.to) throw new DefinitionError(`from ${from} is after to ${to}: turn them round`);
    const { owed, ranBefore, runs } = await this.known(name, backfillSchedule(this.options.dataSource, this.hosted, name, { ...range, overlap }));
    await this.made(name, runs);
    this.options.log.info({ schedule: name, from, to, owed, ranBefore, runs: runs.length }, 'backfill requested');
    return { owed, ranBefore, runs: runs.map(replyOf) };
  }

  /** @throws UnknownPipeline */
  private pipelineCalled(name: string): Pipeline<never> {
    const hosted = this.hosted.get(name);
    if (!hosted) throw new UnknownPipeline(`there is no pipeline "${name}" here${didYouMean(name, [...this.hosted.keys()])}`);
    return hosted.pipeline;
  }

  private async definitionOf(request: ScheduleDefinition, pipeline: Pipeline<never>): Promise<Partial<Omit<Definition, 'source'>>> {
    const { trigger, misfire, overlap, daylight, jitterMs, deadlineMs, params, priority, scope } = request;
    const punctuality = checkPunctuality('schedule', { ...(daylight && { daylight }), ...(jitterMs !== undefined && { jitter: jitterMs }), ...(deadlineMs !== undefined && { deadline: deadlineMs }) });
    return {
      ...(trigger && { trigger: await this.triggerOf(trigger, pipeline) }),
      ...(misfire && { misfire: readMisfire(misfire) }),
      ...(overlap && { overlap: readOverlap(overlap) }),
      ...(daylight && { daylight: punctuality.daylight }),
      ...(jitterMs !== undefined && { jitterMs: punctuality.jitterMs }),
      ...(deadlineMs !== undefined && { deadlineMs: punctuality.deadlineMs }),
      ...(params && { params: params as JsonObject }),
      ...(priority !== undefined && { priority }),
      ...(scope !== undefined && { scope }),
    };
  }

  /** What a trigger names must be there, or it would fail at its first look and not here. */
  private async triggerOf(written: Record<string, unknown>, { name, counters, conditions, sensors }: Pipeline<never>): Promise<Trigger> {
    const trigger = readTrigger(written);
    const wanted = (kind: string, given: string, known: readonly { name: string }[]): void => {
      if (!known.some((one) => one.name === given)) throw new DefinitionError(`pipeline "${name}" has no ${kind} "${given}"${didYouMean(given, known.map((one) => one.name))}`);
    };
    if (trigger.kind === 'threshold') wanted('counter', trigger.counter, counters);
    if (trigger.kind === 'threshold' && trigger.orWhen !== undefined) wanted('condition', trigger.orWhen, conditions);
    if (trigger.kind === 'whenReady') wanted('sensor', trigger.sensor, sensors);
    if (trigger.kind === 'after') this.pipelineCalled(trigger.pipeline);
    if (trigger.kind === 'after' && trigger.pipeline === name) throw new DefinitionError(`pipeline "${name}" is to run after itself, so it would never stop`);
    if (trigger.kind === 'once' && new Date(trigger.at) <= (await databaseNow(this.options.dataSource.manager))) throw new DefinitionError(`once at ${trigger.at} lies in the past, so it would never ring: run it now instead`);
    return trigger;
  }

  private async changed(what: string, name: string, runs: readonly CreatedRun[] = []): Promise<ScheduleDetails> {
    this.announce(what, name);
    const [details] = await Promise.all([this.show(name), this.made(name, runs)]);
    return details;
  }

  /** Gets runs on their way, and tells of those that are over already; only for those is it asked whose they are. */
  private async made(schedule: string, runs: readonly CreatedRun[]): Promise<void> {
    if (runs.length > 0) this.options.relay.nudge();
    const over = runs.flatMap((run) => overAtOnce('', run));
    if (!this.options.onOver || over.length === 0) return;
    const { pipeline } = await this.show(schedule);
    this.options.onOver(over.map((run) => ({ ...run, pipeline })));
  }

  private announce(what: string, name: string): void {
    const { bus, drum, log } = this.options;
    log.info({ schedule: name }, `schedule ${what}`);
    drum.nudge();
    try {
      bus.announce(ScheduleChanged.subject);
    } catch (error) {
      log.warn({ err: error }, 'the change could not be announced; other schedulers find it by themselves');
    }
  }

  /** A name that is not known is answered with the one that was meant. */
  private async known<T>(name: string, asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof ScheduleRefused && error.code === 'unknown_schedule') throw new ScheduleRefused(error.code, `${error.message}${didYouMean(name, await this.names())}`);
      throw error;
    }
  }

  private async names(): Promise<string[]> {
    return (await listSchedules(this.options.dataSource, { limit: 1_000 })).map((one) => one.name);
  }
}

const replyOf = (run: CreatedRun): RunReply => ({ runId: run.id, status: run.status, ...(run.reason !== null && { reason: run.reason }) });

/** Without an offset the instant would depend on the machine that reads it. */
function instant(field: string, text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || !/(?:Z|[+-]\d\d:?\d\d)$/i.test(text)) throw new DefinitionError(`${field} "${text}": write an instant with its offset, such as "2026-03-08T00:00:00Z"`);
  return at;
}

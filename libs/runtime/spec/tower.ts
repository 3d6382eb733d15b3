/**
 * A tower for one spec: real database, real nats-server, and as many ringers as wanted, each with its own connections, relay, lease keeper and
 * step consumers, as a service process has them. What a run came to is awaited on the bus, not polled.
 */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Pipeline } from '@carillon/engine';
import { connectBus, JetStreamStrategy, STREAMS, useMessageRules } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createDataSource, DeadLetterStore, LeaseKeeper, listRuns, registerService, syncSchedules } from '@carillon/persistence';
import type { HostedPipeline, RunHistory } from '@carillon/persistence';
import { eventually, moveDatabaseClock, natsServer, testDatabase } from '@carillon/testing';
import type { NatsServer, TestDatabase } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { Drum, Meters, observeRuns, observeSteps, Relay, Rescue, RunDesk, ScheduleDesk, StepController, stepSubjects, StepWorker } from '../src/index.js';

export interface Ringer {
  dataSource: DataSource;
  bus: Bus;
  relay: Relay;
  drum: Drum;
  desk: RunDesk;
  schedules: ScheduleDesk;
  rescue: Rescue;
  /** What this ringer counted as ended, such as `chime cancelled 2`. */
  ended(): Promise<string[]>;
  stop(): Promise<void>;
}

export interface Tower {
  database: TestDatabase;
  nats: NatsServer;
  first: Ringer;
  ringer(pipelines?: readonly Pipeline<never>[]): Promise<Ringer>;
  /** Moves the database's clock forward, in all. */
  moveClock(milliseconds: number): Promise<void>;
  /** The run's history once it is over. */
  finished(runId: string): Promise<RunHistory>;
  runs(): Promise<RunHistory[]>;
  /** Asks the database itself, whatever became of the ringers. */
  query<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const log = pino({ level: process.env['SPEC_LOG'] ?? 'silent' });
const OVER = new Set(['succeeded', 'partial', 'failed', 'cancelled', 'skipped']);

/** Builds the tower and its first ringer. Drums are not started: a spec rings with `drum.runOnce()`. */
export async function tower(...pipelines: Pipeline<never>[]): Promise<Tower> {
  const [database, nats] = await Promise.all([testDatabase(), natsServer()]);
  const closers: (() => Promise<void>)[] = [];
  const ringer = async (own: readonly Pipeline<never>[] = pipelines): Promise<Ringer> => {
    const made = await makeRinger(database.url, nats.url, own);
    closers.push(made.stop);
    return made;
  };
  const first = await ringer();
  const witness = await createDataSource({ url: database.url, service: 'witness', poolSize: 2 });
  return {
    database,
    nats,
    first,
    ringer,
    moveClock: (milliseconds) => moveDatabaseClock(database.url, milliseconds),
    finished: (runId) =>
      eventually(async () => (await listRuns(witness, { id: runId })).find((run) => OVER.has(run.status)), { within: 20_000, every: 50, what: `run ${runId} to finish` }),
    runs: () => listRuns(witness),
    query: (sql, values) => witness.query(sql, values),
    close: async () => {
      await Promise.all(closers.map((close) => close()));
      await witness.destroy();
      await nats.stop();
      await database.drop();
    },
  };
}

async function makeRinger(databaseUrl: string, natsUrl: string, pipelines: readonly Pipeline<never>[]): Promise<Ringer> {
  const hosted: HostedPipeline[] = pipelines.map((pipeline) => ({ pipeline, services: undefined as never }));
  const dataSource = await createDataSource({ url: databaseUrl, service: 'scheduler', poolSize: 6 });
  const bus = await connectBus({ url: natsUrl, service: 'scheduler', log });
  const serviceId = await registerService(dataSource, { name: 'scheduler', host: 'spec', pid: process.pid });
  const leaseMs = 3_000;
  const keeper = await LeaseKeeper.start({ url: databaseUrl, serviceId, leaseMs });
  const meters = new Meters('scheduler');
  const onOver = observeRuns(meters);
  const relay = new Relay(dataSource, bus, log);
  const worker = new StepWorker({ dataSource, keeper, relay, pipelines: hosted, log, workerId: serviceId, bus, onSettled: observeSteps(meters) });
  await syncSchedules(dataSource, hosted);

  @Module({ controllers: [StepController], providers: [{ provide: StepWorker, useValue: worker }] })
  class Steps {}
  const strategy = new JetStreamStrategy({ bus, deadLetters: new DeadLetterStore(dataSource), subjects: stepSubjects('scheduler', hosted), alsoStreams: STREAMS, graceMs: 2_000 });
  const app = await NestFactory.createMicroservice(Steps, { strategy, logger: false });
  useMessageRules(app);
  await app.listen();
  relay.start();
  worker.start();
  const drum = new Drum(dataSource, hosted, relay, log, bus, onOver);
  let stopped: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await app.close();
    await drum.stop();
    await worker.stop(2_000);
    await relay.stop();
    await keeper.stop();
    await bus.close();
    await dataSource.destroy();
  };
  return {
    ...{ dataSource, bus, relay, drum },
    desk: new RunDesk(dataSource, hosted, relay, log, worker, onOver),
    schedules: new ScheduleDesk({ dataSource, pipelines: hosted, relay, bus, drum, log, onOver }),
    rescue: new Rescue(dataSource, relay, log, leaseMs, meters, onOver),
    ended: async () => [...(await meters.registry.metrics()).matchAll(/^carillon_runs_total\{pipeline="([^"]*)",outcome="([^"]*)".*\} (\d+)$/gm)].map(([, pipeline, outcome, count]) => `${pipeline} ${outcome} ${count}`),
    stop: () => (stopped ??= close()),
  };
}

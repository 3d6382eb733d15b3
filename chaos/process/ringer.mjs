/**
 * A process for chaos to harm: everything a scheduler has (pool, bus, heartbeat thread, relay, rescue, drum, workers) without HTTP and Nest's container, because
 * thousands of it are started. It is the product's own code, driven by lines on stdin; what it has to say goes to pipe 3.
 */
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { connectBus, JetStreamStrategy, STREAMS } from '@carillon/messaging';
import { createDataSource, DeadLetterStore, LeaseKeeper, registerService, retireService, syncSchedules } from '@carillon/persistence';
import { StepDue } from '@carillon/shared';
import { pino } from 'pino';
// Past the library's door on purpose: the HTTP half behind it takes most of a second to load.
import { Drum } from '../../libs/runtime/dist/drum/drum.js';
import { stepSubjects } from '../../libs/runtime/dist/drum/owned-steps.js';
import { Relay } from '../../libs/runtime/dist/drum/relay.js';
import { Rescue } from '../../libs/runtime/dist/drum/rescue.js';
import { RunDesk } from '../../libs/runtime/dist/drum/run-desk.js';
import { StepController } from '../../libs/runtime/dist/drum/step-controller.js';
import { StepWorker } from '../../libs/runtime/dist/drum/step-worker.js';
import { Loop } from '../../libs/runtime/dist/loop.js';
import { failed, obey } from './orders.mjs';
import { hostedPipelines } from './pipelines.mjs';
import { arm, failCommits, say, watchDatabase, watchedBus } from './strike.mjs';

/**
 * @param {Record<string, any>} settings see Scene
 * @param {{ entities: (new () => object)[], open: (house: { dataSource: import('typeorm').DataSource, log: import('pino').Logger }) => import('@carillon/persistence').HostedPipeline[] }} [hosting] what is worked on, instead of what chaos counts
 */
export function main(settings, hosting = { entities: [], open: () => hostedPipelines(settings) }) {
  const log = pino({ level: settings.logLevel }, pino.destination(2));
  watchDatabase();
  const opening = open(settings, log, hosting);
  opening.catch((error) => failed('open', error));
  obey(orders(opening, settings));
}

/** Spares do all this ahead, so that the one who takes the place of a dead one works at once. */
async function open(settings, log, hosting) {
  const { databaseUrl, natsUrl, leaseMs, poolSize, graceMs, statementTimeoutMs } = settings;
  const dataSource = await createDataSource({ url: databaseUrl, service: 'scheduler', entities: hosting.entities, poolSize, statementTimeoutMs });
  const hosted = hosting.open({ dataSource, log });
  const bus = await connectBus({ url: natsUrl, service: 'scheduler', log });
  const serviceId = await registerService(dataSource, { name: 'scheduler', host: 'chaos', pid: process.pid });
  const keeper = await LeaseKeeper.start({ url: databaseUrl, serviceId, leaseMs });
  const relay = new Relay(dataSource, watchedBus(bus), log);
  const worker = new StepWorker({ dataSource, keeper, relay, pipelines: hosted, log, workerId: serviceId, bus });
  const controller = new StepController(worker);
  const strategy = new JetStreamStrategy({ bus, deadLetters: new DeadLetterStore(dataSource), subjects: stepSubjects('scheduler', hosted), graceMs, alsoStreams: STREAMS });
  strategy.addHandler(StepDue.subject, (fields, context) => controller.run(Object.assign(new StepDue(), fields), context), true);
  const rescue = new Rescue(dataSource, relay, log, leaseMs);
  say({ ready: serviceId });
  return {
    ...{ hosted, dataSource, bus, serviceId, keeper, relay, strategy, worker },
    desk: new RunDesk(dataSource, hosted, relay, log, worker),
    drum: new Drum(dataSource, hosted, relay, log, bus),
    sweep: new Loop({ name: 'rescue', log, runOnce: async () => (await rescue.runOnce(), settings.rescueEveryMs) }),
  };
}

/** Every order is one line; the answer, if there is one, another. */
const orders = (opening, settings) => ({
  async go() {
    const { hosted, dataSource, strategy, relay, sweep, drum, worker } = await opening;
    if (settings.rings) await syncSchedules(dataSource, hosted);
    await new Promise((resolve, reject) => strategy.listen((error) => (error === undefined ? resolve() : reject(error))));
    relay.start();
    worker.start();
    sweep.start();
    if (settings.rings) drum.start();
    say({ going: true });
  },
  async request({ key, keyed, pipeline, params }) {
    const { desk } = await opening;
    try {
      const { runId, status } = await desk.request(pipeline, { ...(keyed && { dedupeKey: key }), params });
      say({ answered: key, runId, status });
    } catch (error) {
      say({ refused: key, error: String(error) });
    }
  },
  arm,
  /** Sweeps all the time. */
  hurry: () => void (settings.rescueEveryMs = 10),
  fail: failCommits,
  /** Takes every connection of the pool and lets none do anything. */
  async holdPool({ forMs }) {
    const { dataSource } = await opening;
    const runners = Array.from({ length: settings.poolSize }, () => dataSource.createQueryRunner());
    await Promise.allSettled(runners.map((runner) => runner.connect()));
    say({ holding: true });
    await delay(forMs);
    await Promise.allSettled(runners.map((runner) => runner.release()));
  },
  /** The order of a service's end: doors, loops, house. */
  async stop() {
    const { dataSource, bus, serviceId, keeper, relay, strategy, drum, sweep, worker } = await opening;
    await strategy.close();
    await Promise.all([drum.stop(), sweep.stop()]);
    await worker.stop(settings.graceMs);
    await relay.stop();
    await keeper.stop();
    await retireService(dataSource, serviceId);
    await bus.close();
    await dataSource.destroy();
    process.exit(0);
  },
});

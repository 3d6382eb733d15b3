/**
 * A process for a spec to kill: one ringer as a service has it, with a pipeline of two steps that each write one row, and one whose step writes a row
 * for each of its items. It tells its parent what it is about to do, so that the parent can strike at a chosen instant.
 */
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { allowOverlap, done, forEach, manual, pipeline, step } from '@carillon/engine';
import { connectBus, JetStreamStrategy, STREAMS, useMessageRules } from '@carillon/messaging';
import { createDataSource, DeadLetterStore, LeaseKeeper, managerOf, registerService } from '@carillon/persistence';
import { pino } from 'pino';
// Past the library's door on purpose: the HTTP half behind it takes most of a second to load, and this program is started dozens of times.
import { stepSubjects } from '../dist/drum/owned-steps.js';
import { Relay } from '../dist/drum/relay.js';
import { Rescue } from '../dist/drum/rescue.js';
import { StepController } from '../dist/drum/step-controller.js';
import { StepWorker } from '../dist/drum/step-worker.js';
import { Loop } from '../dist/loop.js';

const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, BUSY_MS: busyMs } = process.env;
const log = pino({ level: process.env.SPEC_LOG ?? 'silent' });
const tell = (what, about) => process.send?.({ what, about });

const writing = (name) =>
  step(name, {
    does: 'writes one row',
    timeout: 60_000,
    run: async ({ run, step: own }) => {
      tell('running', `${run.id} ${own}`);
      // The loop stands still, as in a step that computes without ever pausing.
      if (run.params.busy) for (const until = performance.now() + Number(busyMs); performance.now() < until; );
      return done({
        write: async (transaction) => {
          await managerOf(transaction).query('INSERT INTO public.effect VALUES ($1, $2)', [run.id, own]);
          tell('written', `${run.id} ${own}`);
        },
      });
    },
  });
const items = forEach('items', {
  does: 'writes one row for each item',
  items: ({ run }) => Array.from({ length: run.params.items }, (_none, place) => `item-${place}`),
  key: (item) => item,
  concurrency: 4,
  run: async (item, { run }) => {
    tell('running', `${run.id} ${item}`);
    return done({
      write: async (transaction) => {
        await managerOf(transaction).query('INSERT INTO public.effect VALUES ($1, $2)', [run.id, item]);
        tell('written', `${run.id} ${item}`);
      },
    });
  },
});
const parcels = { pipeline: pipeline('parcels', { does: 'fans out', trigger: manual(), overlap: allowOverlap, steps: [items] }), services: undefined };
const hosted = [parcels, { pipeline: pipeline('chime', { does: 'writes two rows', trigger: manual(), overlap: allowOverlap, steps: [writing('first'), writing('second')] }), services: undefined }];

const dataSource = await createDataSource({ url: databaseUrl, service: 'scheduler', poolSize: 6 });
const bus = await connectBus({ url: natsUrl, service: 'scheduler', log });
const serviceId = await registerService(dataSource, { name: 'scheduler', host: 'spec', pid: process.pid });
const leaseMs = 3_000;
const keeper = await LeaseKeeper.start({ url: databaseUrl, serviceId, leaseMs });
const relay = new Relay(dataSource, bus, log);
const rescue = new Rescue(dataSource, relay, log, leaseMs);
const worker = new StepWorker({ dataSource, keeper, relay, pipelines: hosted, log, workerId: serviceId, onSettled: ({ run, name }) => tell('handled', `${run.id} ${name}`) });

class Steps {}
Module({ controllers: [StepController], providers: [{ provide: StepWorker, useValue: worker }] })(Steps);
const strategy = new JetStreamStrategy({ bus, deadLetters: new DeadLetterStore(dataSource), subjects: stepSubjects('scheduler', hosted), graceMs: 2_000, alsoStreams: STREAMS });
const app = await NestFactory.createMicroservice(Steps, { strategy, logger: false });
useMessageRules(app);
await app.listen();
relay.start();
worker.start();
new Loop({ name: 'rescue', log, runOnce: async () => (await rescue.runOnce(), 250) }).start();
// A spec that is gone needs no ringer.
process.on('disconnect', () => process.exit(0));
tell('ready');

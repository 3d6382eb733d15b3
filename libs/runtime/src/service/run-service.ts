/**
 * The life of a service process: read the settings, open the house, open the doors, and on SIGTERM stop taking work, finish or release what is
 * running, close, exit 0. A process that can not start says why in one line and exits 1.
 */
import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestMicroservice } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { JetStreamStrategy, STREAMS, useMessageRules } from '@carillon/messaging';
import type { DatabaseOptions } from '@carillon/persistence';
import { readSettings } from '@carillon/settings';
import type { MessageType } from '@carillon/shared';
import type { Logger } from 'pino';
import { prepareHttp } from '../http/prepare.js';
import { openHouse } from './house.js';
import type { House } from './house.js';
import { createLogger, nestLogger } from './logger.js';
import { ServiceSettings } from './settings.js';

/** What an app adds to the house. */
export interface Rooms {
  /** The one Nest module of the process. */
  module: DynamicModule | Type;
  /** The service does not start unless each of these has exactly one handler. */
  mustHandle: readonly MessageType[];
  /** Concrete subjects of work patterns with wildcards. */
  subjects?: Record<string, string[]>;
  /** Whether this service publishes what was promised: those that commit runs and steps do, the others leave it to them. */
  relays?: boolean;
  /** Messages of one pattern handled at once. */
  concurrency?: Record<string, number>;
  /** Begins the loops, once the doors are open. */
  start?(): void | Promise<void>;
  /** Ends the loops, after the doors are closed. */
  stop?(): Promise<void>;
}

export interface ServiceDefinition {
  name: string;
  /** Shown at the top of the API's pages. */
  describes: string;
  tables?: Pick<DatabaseOptions, 'entities' | 'migrations'>;
  furnish(house: House): Rooms | Promise<Rooms>;
}

/** Runs a service until it is told to stop. Never returns before the process ends. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  let log: Logger | undefined;
  try {
    const settings = readSettings(ServiceSettings);
    log = createLogger(definition.name, settings);
    const service = await start(definition, settings, log);
    stopOnSignals(service, settings, log);
  } catch (error) {
    const { message } = error as Error;
    if (log) log.fatal({ err: error }, `${definition.name} can not start: ${message}`);
    process.stderr.write(`${definition.name} can not start: ${message}\n`);
    process.exit(1);
  }
}

interface RunningService {
  stop(): Promise<void>;
}

async function start(definition: ServiceDefinition, settings: ServiceSettings, log: Logger): Promise<RunningService> {
  const house = await openHouse(definition.name, settings, log, definition.tables ?? {});
  try {
    const rooms = await definition.furnish(house);
    const adapter = new FastifyAdapter({ bodyLimit: settings.httpBodyLimitBytes, trustProxy: settings.httpTrustedProxies.length > 0 && settings.httpTrustedProxies });
    const app = await NestFactory.create<NestFastifyApplication>(rooms.module as Type, adapter, { logger: nestLogger(log), abortOnError: false });
    const strategy = new JetStreamStrategy({
      bus: house.bus,
      deadLetters: house.deadLetters,
      mustHandle: rooms.mustHandle,
      subjects: rooms.subjects ?? {},
      concurrency: rooms.concurrency ?? {},
      alsoStreams: rooms.relays === true ? STREAMS : [],
      graceMs: settings.shutdownGraceSeconds * 1_000,
    });
    const doors = app.connectMicroservice({ strategy }, { deferInitialization: true }) as NestMicroservice;
    useMessageRules(doors);
    // The process has one module, so its hooks are called once: by the application.
    doors.setIsInitHookCalled(true);
    prepareHttp(app, house, definition.describes);
    await app.startAllMicroservices();
    await app.listen(settings.httpPort, settings.httpHost);
    if (rooms.relays === true) {
      house.relay.start();
      house.vitals.watch(house.relay.loop);
    }
    await rooms.start?.();
    log.info({ url: await app.getUrl(), serviceId: house.serviceId }, 'ready');
    return {
      stop: async () => {
        await app.close();
        await rooms.stop?.();
        await house.close();
      },
    };
  } catch (error) {
    await house.close();
    throw error;
  }
}

/** A second signal, or a drain that takes too long, ends the process at once: leases and outbox make that safe. */
function stopOnSignals(service: RunningService, settings: ServiceSettings, log: Logger): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), settings.shutdownGraceSeconds * 1_000 + 5_000).unref();
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught; stopping so that a fresh process can take over');
    process.exit(1);
  });
}

/**
 * What a service process stands on: database, bus, outbox relay, heartbeat thread and logs, opened in order and closed in the reverse one. Plain
 * values; Nest comes later and only for the doors.
 */
import { hostname } from 'node:os';
import { connectBus } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createDataSource, DeadLetterStore, LeaseKeeper, registerService, retireService } from '@carillon/persistence';
import type { DatabaseOptions } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Relay } from '../drum/relay.js';
import { Meters } from '../meters/meters.js';
import { startTracing } from '../tracing/tracing.js';
import type { ServiceSettings } from './settings.js';
import { Vitals } from './vitals.js';

export interface House {
  name: string;
  settings: ServiceSettings;
  log: Logger;
  dataSource: DataSource;
  bus: Bus;
  relay: Relay;
  keeper: LeaseKeeper;
  deadLetters: DeadLetterStore;
  meters: Meters;
  vitals: Vitals;
  /** This process's row in engine.service. */
  serviceId: string;
  close(): Promise<void>;
}

export class SchemaNotCurrent extends Error {
  override readonly name = 'SchemaNotCurrent';
}

/** Opens everything, or closes what it had opened and says what is missing. */
export async function openHouse(name: string, settings: ServiceSettings, log: Logger, tables: Pick<DatabaseOptions, 'entities' | 'migrations'>): Promise<House> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer().catch((error: unknown) => log.warn({ err: error }, 'closing'));
  };
  try {
    const dataSource = await createDataSource({ url: settings.databaseUrl, service: name, poolSize: settings.dbPoolSize, statementTimeoutMs: settings.dbStatementTimeoutMs, ...tables });
    closers.push(() => dataSource.destroy());
    if (await dataSource.showMigrations()) throw new SchemaNotCurrent('the database is behind this version: run "carillon migrate" first');
    const bus = await connectBus({ url: settings.natsUrl, service: name, log });
    closers.push(() => bus.close());
    const serviceId = await registerService(dataSource, { name, host: hostname(), pid: process.pid });
    closers.push(() => retireService(dataSource, serviceId));
    const { traceEndpoint: endpoint, traceRatio: ratio } = settings;
    if (endpoint !== undefined) closers.push(await startTracing({ service: name, serviceId, endpoint, ratio }));
    const keeper = await LeaseKeeper.start({ url: settings.databaseUrl, serviceId, leaseMs: settings.stepLeaseSeconds * 1_000, onError: (error) => log.error({ err: error }, 'the heartbeat thread failed') });
    closers.push(() => keeper.stop());
    const vitals = new Vitals();
    vitals.start();
    closers.push(async () => vitals.end());
    const meters = new Meters(name);
    meters.watchProcess();
    const relay = new Relay(dataSource, bus, log, meters);
    closers.push(() => relay.stop());
    return { name, settings, log, dataSource, bus, relay, keeper, deadLetters: new DeadLetterStore(dataSource), meters, vitals, serviceId, close };
  } catch (error) {
    await close();
    throw error;
  }
}

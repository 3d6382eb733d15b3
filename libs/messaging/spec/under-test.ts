/** One service under test: a real Nest microservice on a real bus, whose dead letters and log lines can be awaited. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Bus, DeadLetter, DeadLetters, JetStreamStrategyOptions, Log } from '../src/index.js';
import { JetStreamStrategy, connectBus, useMessageRules } from '../src/index.js';

/** What happened, in order, for a spec to await instead of sleeping. */
export class Happened<T> {
  readonly all: T[] = [];
  private wake = (): void => undefined;
  private taken = 0;

  add(item: T): void {
    this.all.push(item);
    this.wake();
  }

  /** The next one not yet taken; the spec's own timeout is the limit. */
  async next(matches: (item: T) => boolean = () => true): Promise<T> {
    for (;;) {
      while (this.taken < this.all.length) {
        const item = this.all[this.taken++] as T;
        if (matches(item)) return item;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** A promise that the spec settles, standing for work that takes its time. */
export function held(): { promise: Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => (release = resolve));
  return { promise, release };
}

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

export class SpecLog implements Log {
  readonly lines = new Happened<LogLine>();
  info(fields: object, message: string): void {
    this.lines.add({ level: 'info', message, fields });
  }
  warn(fields: object, message: string): void {
    this.lines.add({ level: 'warn', message, fields });
  }
  error(fields: object, message: string): void {
    this.lines.add({ level: 'error', message, fields });
  }
  count(message: string): number {
    return this.lines.all.filter((line) => line.message.includes(message)).length;
  }
}

export interface ServiceUnderTest {
  app: INestMicroservice;
  bus: Bus;
  log: SpecLog;
  letters: Happened<DeadLetter>;
  /** Closes the microservice, then its bus. */
  close(): Promise<void>;
}

export interface ServiceOptions extends Partial<Omit<JetStreamStrategyOptions, 'bus'>> {
  service?: string;
}

/** Starts a service with these controllers. Pauses are short, because specs wait for them. */
export async function serviceUnderTest(url: string, controllers: Type[], options: ServiceOptions = {}): Promise<ServiceUnderTest> {
  const { service = 'scheduler', ...strategyOptions } = options;
  const log = new SpecLog();
  const letters = new Happened<DeadLetter>();
  const deadLetters: DeadLetters = { write: async (letter) => letters.add(letter) };
  const bus = await connectBus({ url, service, log });
  const strategy = new JetStreamStrategy({ bus, deadLetters, policy: { firstPauseMs: 20, longestPauseMs: 100 }, graceMs: 2_000, ...strategyOptions });
  class AppModule {}
  Module({ controllers })(AppModule);
  const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
  useMessageRules(app);
  try {
    await app.listen();
  } catch (error) {
    await bus.close();
    throw error;
  }
  return { app, bus, log, letters, close: () => app.close().then(() => bus.close()) };
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RunRequest } from '@carillon/shared';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { SpecLog } from '../spec/under-test.js';
import { JetStreamStrategy, ask, connectBus, useMessageRules } from './index.js';

@Controller()
class Runs {
  @MessagePattern(RunRequest.subject)
  request(@Payload() request: RunRequest): object {
    return { isInstance: request instanceof RunRequest };
  }

  @Get('broken')
  broken(): never {
    throw new Error('only HTTP knows what to do with it');
  }
}

@Module({ controllers: [Runs] })
class AppModule {}

describe('an HTTP application with a connected bus', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await natsServer();
  });
  afterAll(() => server.stop());

  it('applies the message rules to messages and leaves HTTP alone', async () => {
    const bus = await connectBus({ url: server.url, service: 'scheduler', log: new SpecLog() });
    const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
    const strategy = new JetStreamStrategy({ bus, deadLetters: { write: async () => undefined }, mustHandle: [RunRequest] });
    useMessageRules(app.connectMicroservice({ strategy }, { deferInitialization: true }));
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    expect(await ask(bus, RunRequest, {}, 'news')).toEqual({ isInstance: true });
    await expect(bus.request('run.news.request', { colour: 'red' })).rejects.toMatchObject({ code: 'invalid_message', message: 'Not a valid RunRequest: unknown field "colour"' });
    expect((await fetch(`${await app.getUrl()}/broken`)).status).toBe(500);
    await app.close();
    await bus.close();
  });
});

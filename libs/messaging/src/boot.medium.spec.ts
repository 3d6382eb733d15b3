import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { NotifyEmail, RunFinished, RunRequest, StepDue } from '@carillon/shared';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { Happened, serviceUnderTest } from '../spec/under-test.js';
import { ConsumerUnavailable, DeliveryContext, HandlersDoNotMatch, tell } from './index.js';

const handled = new Happened<string>();

@Controller()
class Steps {
  @EventPattern<string>(StepDue.subject)
  run(@Payload() _due: StepDue, @Ctx() { subject }: DeliveryContext): void {
    handled.add(subject);
  }
}

@Controller()
class MoreSteps {
  @EventPattern<string>(StepDue.subject)
  run(@Payload() due: StepDue): void {
    handled.add(due.step);
  }
}

@Controller()
class Requests {
  @MessagePattern(RunRequest.subject)
  run(@Payload() request: RunRequest): object {
    return request;
  }
}

@Controller()
class Readers {
  @EventPattern<string>(RunFinished.subject)
  finished(@Payload() finished: RunFinished): void {
    handled.add(`${finished.pipeline} finished`);
  }
}

@Controller()
class Misplaced {
  @MessagePattern(NotifyEmail.subject)
  ask(@Payload() message: NotifyEmail): object {
    return message;
  }

  @EventPattern<string>('somewhere.else')
  lost(): void {
    handled.add('lost');
  }
}

const step = (name: string): StepDue => ({ stepId: '0190a3c4-0000-7000-8000-000000000001', runId: '0190a3c4-0000-7000-8000-000000000002', pipeline: 'deliberation', step: name, attempt: 1 });

describe('a service that boots', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await natsServer();
  });
  afterAll(() => server.stop());

  it('takes exactly the steps that it lists, one consumer each', async () => {
    const service = await serviceUnderTest(server.url, [Steps], { mustHandle: [StepDue], subjects: { [StepDue.subject]: ['step.deliberation.cluster', 'step.deliberation.agenda'] } });
    for (const name of ['summarize', 'cluster', 'agenda']) await tell(service.bus, StepDue, `step-${name}`, step(name), 'deliberation', name);
    expect(new Set([await handled.next(), await handled.next()])).toEqual(new Set(['step.deliberation.cluster', 'step.deliberation.agenda']));
    await service.app.close();
    expect((await service.bus.manager.streams.info('CARILLON_STEPS')).state.messages).toBe(1);
    await service.bus.close();
  });

  it('shares facts: every service that reads them gets each, with wildcards', async () => {
    const scheduler = await serviceUnderTest(server.url, [Readers], { service: 'scheduler' });
    const notifier = await serviceUnderTest(server.url, [Readers], { service: 'notifier' });
    const finished: RunFinished = { runId: step('x').runId, pipeline: 'news', scope: '', status: 'succeeded', counts: {}, errors: [], finishedAt: '2026-01-01T00:00:00Z' };
    await tell(scheduler.bus, RunFinished, 'run-1', finished, 'news');
    expect([await handled.next(), await handled.next()]).toEqual(['news finished', 'news finished']);
    await scheduler.close();
    await notifier.close();
  });

  it.each([
    ['a message without a handler', [Requests], { mustHandle: [RunRequest, StepDue] }, /StepDue \(step\.\*\.\*\) has no handler/],
    ['two handlers of one event', [Steps, MoreSteps], {}, /step\.\*\.\* has 2 handlers/],
    ['two handlers of one request', [Requests, class Again extends Requests {}], {}, /run\.\*\.request has 2 handlers/],
    ['work with wildcards and no list', [Steps], {}, /list them in the option subjects\["step\.\*\.\*"\]/],
    ['a listed subject of another stream', [Steps], { subjects: { [StepDue.subject]: ['notify.sms'] } }, /notify\.sms, listed for step\.\*\.\*, is not in CARILLON_STEPS/],
    ['a request on a stream', [Misplaced], {}, /notify\.email is stored in CARILLON_NOTIFY/],
    ['an event that no stream carries', [Misplaced], {}, /somewhere\.else is in no stream/],
  ])('refuses to start with %s', async (_name, controllers, options, problem) => {
    const starting = serviceUnderTest(server.url, controllers, options);
    await expect(starting).rejects.toThrow(HandlersDoNotMatch);
    await expect(starting).rejects.toThrow(problem);
  });

  it('refuses to start when another service already takes the same work', async () => {
    const subjects = { [StepDue.subject]: ['step.deliberation.cluster'] };
    const owner = await serviceUnderTest(server.url, [Steps], { subjects });
    const starting = serviceUnderTest(server.url, [Steps], { service: 'intake', subjects });
    await expect(starting).rejects.toThrow(ConsumerUnavailable);
    await expect(starting).rejects.toThrow(/intake\+step\+deliberation\+cluster .*belongs to one service/);
    await owner.close();
  });
});

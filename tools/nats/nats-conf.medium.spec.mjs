import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../embedded/nats.mjs';

let folder;
let server;
const connections = new Map();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-nats-'));
  server = await startNats({ folder, binary: process.env.NATS_SERVER_BIN });
  const streams = { CARILLON_STEPS: ['step.>'], CARILLON_NOTIFY: ['notify.>'], CARILLON_FACTS: ['tick.>', 'run.*.finished'] };
  const manager = await jetstreamManager(await as('scheduler'));
  for (const [name, subjects] of Object.entries(streams)) await manager.streams.add({ name, subjects, retention: name === 'CARILLON_FACTS' ? 'limits' : 'workqueue' });
});
afterAll(async () => {
  await Promise.all([...connections.values()].map((connection) => connection.close()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function as(user) {
  const { port } = server;
  const password = new URL(server.url(user)).password;
  if (!connections.has(user)) connections.set(user, await connect({ port, user, pass: password, inboxPrefix: `_INBOX_${user}` }));
  return connections.get(user);
}

/** What the server says to a publish: it answers a forbidden one with an error on the connection. */
async function publishing(user, subject) {
  const connection = await as(user);
  const status = connection.status();
  connection.publish(subject, '{}');
  await connection.flush();
  status.stop?.();
  for await (const event of status) if (event.type === 'error') return event.error.message;
  return 'allowed';
}
async function subscribing(user, subject) {
  const connection = await as(user);
  const subscription = connection.subscribe(subject, { callback: () => undefined });
  let outcome = 'allowed';
  void subscription.closed.then((reason) => (outcome = reason instanceof Error ? reason.message : outcome));
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
  subscription.unsubscribe();
  return outcome;
}
const forbidden = expect.stringContaining('Permissions Violation');

describe('who may say what', () => {
  it.each([
    ['intake', 'step.deliberation.canonicalize', true],
    ['intake', 'tick.deliberation', true],
    ['intake', 'run.deliberation.request', false],
    ['scheduler', 'run.deliberation.finished', true],
    ['scheduler', 'intake.submission.submit', false],
    ['scheduler', 'schedule.changed', true],
    ['intake', 'schedule.changed', true],
    ['operator', 'schedule.pause', true],
    ['notifier', 'schedule.pause', false],
    ['notifier', 'notify.telegram', false],
    ['notifier', 'run.deliberation.request', false],
    ['notifier', 'step.deliberation.cluster', false],
    ['backup', 'notify.telegram', false],
    ['backup', 'run.deliberation.request', false],
    ['operator', 'run.deliberation.request', true],
    ['operator', 'run.deliberation.cancel', true],
    ['scheduler', 'work.scorer.due', true],
    ['worker', 'work.scorer.claim', true],
    ['worker', 'work.scorer.settle', true],
    ['worker', 'work.scorer.keep', true],
    ['worker', 'work.scorer.due', false],
    ['worker', 'step.deliberation.cluster', false],
    ['worker', 'run.deliberation.request', false],
    ['operator', 'work.scorer.claim', false],
    ['operator', 'run.deliberation.resume', true],
    ['intake', 'run.deliberation.resume', false],
    ['operator', 'scheduler.dead-letters.redrive', true],
    ['notifier', 'scheduler.dead-letters.redrive', false],
    ['operator', 'notify.telegram', true],
    ['operator', 'step.deliberation.cluster', false],
    ['operator', '$JS.API.STREAM.DELETE.CARILLON_STEPS', false],
    ['scheduler', '$JS.API.STREAM.DELETE.CARILLON_STEPS', false],
    ['scheduler', '$JS.API.STREAM.PURGE.CARILLON_STEPS', false],
    ['notifier', '$JS.API.STREAM.UPDATE.CARILLON_STEPS', false],
  ])('%s, %s: %p', async (user, subject, allowed) => expect(await publishing(user, subject)).toEqual(allowed ? 'allowed' : forbidden));
});

describe('who may hear what', () => {
  it.each([
    ['intake', 'intake.submission.submit', true],
    ['scheduler', 'run.*.request', true],
    ['scheduler', 'schedule.*', true],
    ['scheduler', 'run.import.finished', true],
    ['intake', 'schedule.*', false],
    ['scheduler', 'scheduler.dead-letters.list', true],
    ['backup', 'backup.status', true],
    ['operator', 'run.*.finished', true],
    ['scheduler', 'work.*.claim', true],
    ['worker', 'work.*.due', true],
    ['worker', 'work.*.claim', false],
    ['worker', '_INBOX_scheduler.>', false],
    ['notifier', 'work.*.due', false],
    ['backup', 'notify.>', false],
    ['notifier', 'step.>', false],
    ['intake', '_INBOX_scheduler.>', false],
    ['notifier', '>', false],
  ])('%s, %s: %p', async (user, subject, allowed) => expect(await subscribing(user, subject)).toEqual(allowed ? 'allowed' : forbidden));
});

describe('what they need to work', () => {
  it('a step goes from intake to scheduler, acknowledged', async () => {
    await jetstream(await as('intake')).publish('step.deliberation.cluster', '{"id":1}', { msgID: '1' });
    const scheduler = await as('scheduler');
    await (await jetstreamManager(scheduler)).consumers.add('CARILLON_STEPS', { durable_name: 'scheduler_cluster', filter_subject: 'step.deliberation.cluster', ack_policy: AckPolicy.Explicit });
    const message = await (await jetstream(scheduler).consumers.get('CARILLON_STEPS', 'scheduler_cluster')).next({ expires: 5000 });
    expect(message.json()).toEqual({ id: 1 });
    message.working();
    expect(await message.ackAck()).toBe(true);
  });

  it('a notice goes from operator to notifier', async () => {
    await jetstream(await as('operator')).publish('notify.email', '{"id":2}');
    const notifier = await as('notifier');
    await (await jetstreamManager(notifier)).consumers.add('CARILLON_NOTIFY', { durable_name: 'notifier_email', filter_subject: 'notify.email', ack_policy: AckPolicy.Explicit });
    const message = await (await jetstream(notifier).consumers.get('CARILLON_NOTIFY', 'notifier_email')).next({ expires: 5000 });
    expect(await message.ackAck()).toBe(true);
  });

  it.each([
    ['scheduler', 'run.deliberation.request'],
    ['intake', 'intake.submission.submit'],
    ['backup', 'backup.status'],
  ])('%s answers the operator on %s', async (service, subject) => {
    const subscription = (await as(service)).subscribe(subject, { queue: service, callback: (_error, message) => message.respond('yes') });
    await (await as(service)).flush();
    expect((await (await as('operator')).request(subject, '', { timeout: 10_000 })).string()).toBe('yes');
    subscription.unsubscribe();
  });

  it('nobody without a password comes in', async () => {
    await expect(connect({ port: server.port, reconnect: false })).rejects.toThrow(/[Aa]uthorization/);
  });
});

/** Schedules from the command line, and so over the bus, answered by a real scheduler. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';
import { carillon } from '../../spec/carillon.js';
import { schedulesCommand } from './schedules.js';

let nats: NatsServer;
let scheduler: ServiceProcess;

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  nats = server;
  Object.assign(process.env, { DATABASE_URL: database.url, NATS_URL: nats.url });
  scheduler = await spawnService('scheduler', { DATABASE_URL: database.url, NATS_URL: nats.url, BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600' });
  await scheduler.ready();
});
afterAll(async () => {
  await scheduler.kill();
  await nats.stop();
});

const schedules = (...args: string[]): ReturnType<typeof carillon> => carillon(schedulesCommand, ...args);

it('a schedule is made, shown, changed and deleted', async () => {
  expect((await schedules('create', 'deliberation', '--name', 'nightly', '--scope', 'ny', '--cron', '30 2 * * *', '--zone', 'America/New_York', '--overlap', 'queue', '--deadline', '2h', '--jitter', '1s')).stdout).toMatch(/^created nightly, version 1; next \w{3} 20\d\d-\d\d-\d\d 02:30:00 GMT-0[45]:00\n$/);
  const { stdout } = await schedules('show', 'nightly');
  expect(stdout).toContain('nightly, pipeline deliberation, scope ny\nrings daily at 02:30 in America/New_York\nstate: active; version 1, defined at runtime\n');
  expect(stdout).toContain('  one waits while a run is at work\n');
  expect(stdout).toContain('  expires when it would start more than 2 h late\n');
  expect(stdout.match(/02:30:00 GMT-0[45]:00 +20\d\d-\d\d-\d\dT0[67]:30:00.000Z/g)).toHaveLength(5);
  expect(stdout).toContain('nothing was owed yet');
  expect((await schedules('edit', 'nightly', '--misfire', 'all:3', '--deadline', 'none')).stdout).toMatch(/^edited nightly, version 2;/);
  expect((await schedules('pause', 'nightly')).stdout).toMatch(/^paused nightly/);
  expect((await schedules('--pipeline', 'deliberation', '--scope', 'ny')).stdout).toMatch(/^nightly +ny +daily at 02:30 in America\/New_York +paused/m);
  expect((await schedules('resume', 'nightly', '--catch-up')).stdout).toMatch(/^resumed nightly/);
  expect((await schedules('run', 'nightly', '--params', '{"why":"now"}')).stdout).toMatch(/^run [0-9a-f-]{36} is running \(asked for by hand\)\n$/);
  expect((await schedules('backfill', 'nightly', '--from', '2026-03-08T00:00:00Z', '--to', '2026-03-09T12:00:00Z')).stdout).toMatch(/^2 instants in the range, 0 had run before, 2 runs made\n {2}[0-9a-f-]{36} queued backfill of 2026-03-08T07:00:00.000Z\n/);
  expect(JSON.parse((await schedules('show', 'nightly', '--json')).stdout)).toMatchObject({ name: 'nightly', occurrences: [{ outcome: 'ran', scheduledFor: '2026-03-09T06:30:00.000Z' }, { outcome: 'ran', scheduledFor: '2026-03-08T07:00:00.000Z' }] });
  expect((await schedules('delete', 'nightly')).stdout).toBe('deleted nightly\n');
});

describe('what can not be is refused in words', () => {
  it.each<[string[], string]>([
    [['create', 'deliberations', '--daily', '02:00'], 'there is no pipeline "deliberations" here; did you mean "deliberation"?'],
    [['create', 'deliberation'], 'trigger: say when it rings'],
    [['create', 'deliberation', '--name', 'x', '--every', '10ms'], 'every(10 ms) is too often: the shortest interval is 1000 ms'],
    [['edit', 'deliberation', '--priority', '1'], 'is defined in the code of pipeline "deliberation"'],
    [['edit', 'deliberation'], 'nothing to change'],
    [['show', 'nightly'], 'there is no schedule "nightly"'],
    [['pause', 'deliberatio'], 'did you mean "deliberation"?'],
  ])('%j', async (args, error) => {
    expect(await schedules(...args)).toMatchObject({ error: expect.stringContaining(error), code: 1 });
  });
});

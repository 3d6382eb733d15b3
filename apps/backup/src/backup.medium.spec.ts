import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, connectBus } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createDataSource, listRuns } from '@carillon/persistence';
import { BackupRequest, BackupStatus } from '@carillon/shared';
import { eventually, natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';

describe('the backup service', () => {
  let nats: NatsServer;
  let bus: Bus;
  let backup: ServiceProcess;
  let dataSource: DataSource;

  beforeAll(async () => {
    const [database, server] = await Promise.all([testDatabase(), natsServer()]);
    nats = server;
    dataSource = await createDataSource({ url: database.url, service: 'spec' });
    bus = await connectBus({ url: nats.url, service: 'spec', log: pino({ level: 'silent' }) });
    backup = await spawnService('backup', { DATABASE_URL: database.url, NATS_URL: nats.url });
    await backup.ready();
  });
  afterAll(async () => {
    await bus.close();
    await dataSource.destroy();
    await nats.stop();
  });

  it('says over HTTP and the bus that there is no backup', async () => {
    expect(await (await fetch(`${backup.url}/backup/status`)).json()).toEqual({ status: 'not_configured' });
    expect(await ask(bus, BackupStatus, {})).toEqual({ status: 'not_configured' });
  });

  it('skips a request for one, says so to whoever asked and in its log, and records the run that it skipped', async () => {
    expect(await ask(bus, BackupRequest, { reason: 'before the upgrade' })).toEqual({ status: 'not_configured' });
    await eventually(() => backup.output().includes('"msg":"S3 backup not configured -- skipping"'));
    expect(await listRuns(dataSource, { pipeline: 'backup' })).toMatchObject([{ status: 'skipped', trigger: 'manual', startedAt: null, reason: 'S3 backup not configured -- skipping, asked for: before the upgrade' }]);
  });

  it('refuses what is no request', async () => {
    await expect(bus.request(BackupRequest.subject, { when: 'now' })).rejects.toThrow(/unknown field "when"/);
  });

  it('exits 0 when it is told to stop', async () => {
    expect(await backup.kill('SIGTERM')).toBe(0);
  });
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDataSource, registerService } from '@carillon/persistence';
import { eventually, natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';
import type { DataSource } from 'typeorm';

/** The scheduler is dead, and so is intake: nobody is left who relays. */
let nats: NatsServer;
let dataSource: DataSource;
let notifier: ServiceProcess;

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  nats = server;
  dataSource = await createDataSource({ url: database.url, service: 'spec', poolSize: 2 });
  const scheduler = await registerService(dataSource, { name: 'scheduler', host: 'spec', pid: 1 });
  await dataSource.query(`UPDATE engine.service SET beat_at = engine.clock() - interval '1 hour' WHERE id = $1`, [scheduler]);
  notifier = await spawnService('notifier', { DATABASE_URL: database.url, NATS_URL: nats.url, ALERT_SILENT_SECONDS: '1' });
  await notifier.ready();
});
afterAll(async () => {
  await notifier.kill();
  await dataSource.destroy();
  await nats.stop();
});

// A dead daemon looks like a quiet day elsewhere: dagster exporter #84; see complaint 15.
it('a notifier that is left alone tells that the engine is silent, and delivers it by itself', async () => {
  const told = await eventually(
    async () => (await dataSource.query<{ status: string; type: string; text: string }[]>(`SELECT status, message_type AS type, text FROM notices.notice WHERE status = 'dry-run'`))[0],
    { within: 40_000, every: 500, what: 'the notice to be delivered' },
  );
  expect(told).toMatchObject({ type: 'engine_silent', text: expect.stringMatching(/The engine is silent<\/b>: no scheduler gives a sign of life, for 6\d minutes/) });
});

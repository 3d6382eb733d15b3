/** docker-compose.yml without Docker: the same commands in the same environments, against a real Postgres and nats-server. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, freePort, natsServer, testDatabase } from '@carillon/testing';
import type { NatsServer, TestDatabase } from '@carillon/testing';
import { parse } from 'yaml';
import { program, SERVICES, workspace } from './harness.js';
import type { RunningProgram } from './harness.js';

interface ComposeService {
  command: string[];
  environment: Record<string, string>;
  healthcheck: { test: string[] };
}

const text = readFileSync(resolve(workspace, 'docker-compose.yml'), 'utf8');
const { services: described } = parse(text, { merge: true }) as { services: Record<string, ComposeService> };
/** What a person writes into `.env`: one secret for each that the file asks for. */
const secrets = Object.fromEntries([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => [name, `p-${name.toLowerCase()}`]));
/** What the image sets before Compose does. */
const image = Object.fromEntries([...readFileSync(resolve(workspace, 'tools/docker/Dockerfile'), 'utf8').matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => line.split(' ').map((pair) => pair.split('='))) as [string, string][]);

let database: TestDatabase;
let nats: NatsServer;
const started: RunningProgram[] = [];
beforeAll(async () => {
  const configFile = resolve(workspace, 'tools/nats/nats.conf');
  [database, nats] = await Promise.all([testDatabase({ migrated: false }), natsServer({ configFile, env: environmentOf('nats') })]);
});
afterAll(async () => {
  for (const one of started) one.kill('SIGKILL');
  await Promise.all(started.map(({ finished }) => finished));
  await nats.stop();
  await database.drop();
});

/** As Compose fills it in; the host names of its network stand for the spec's own servers. */
function environmentOf(name: string): Record<string, string> {
  const filled = Object.entries(described[name]?.environment ?? {}).map(([variable, value]) => [variable, value.replaceAll(/\$\{(\w+)(?::-(.*?)|:\?.*?)?\}/g, (_all, secret: string, otherwise = '') => secrets[secret] ?? otherwise)]);
  const environment = Object.fromEntries(filled) as Record<string, string>;
  if (environment['DATABASE_URL']?.includes('@postgres:5432/')) environment['DATABASE_URL'] = database.url;
  if (environment['NATS_URL']) environment['NATS_URL'] = environment['NATS_URL'].replace('@nats:4222', `@127.0.0.1:${nats.port}`);
  return environment;
}

function container(name: string, port = 0): RunningProgram {
  const ours = Object.keys(process.env).filter((variable) => /^(DATABASE|NATS|HTTP|LOG|NODE|CARILLON)_/.test(variable));
  const env = { ...Object.fromEntries(ours.map((variable) => [variable, undefined])), ...image, ...environmentOf(name), HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) };
  const one = program(process.execPath, ['--enable-source-maps', ...(described[name]?.command ?? [])], env);
  started.push(one);
  return one;
}

it('migrates an empty database, then every service becomes healthy and stops in order', async () => {
  expect(await container('migrate').finished).toMatchObject({ code: 0 });

  const services = await Promise.all(SERVICES.map(async (name) => ({ name, port: await freePort() })));
  const running = services.map(({ name, port }) => ({ name, port, container: container(name, port) }));
  for (const { name, port, container: one } of running) {
    const [, command = '', ...args] = (described[name]?.healthcheck.test ?? []).map((word) => word.replace('127.0.0.1:3000', `127.0.0.1:${port}`));
    const healthy = async (): Promise<boolean> => (await program(command, args).finished).code === 0;
    await eventually(healthy, { what: `${name} is healthy`, within: 30_000, every: 250 }).catch((error: unknown) => {
      throw new Error(`${name} is not healthy; it said:\n${one.output()}`, { cause: error });
    });
  }
  for (const { container: one } of running) one.kill('SIGTERM');
  const ends = await Promise.all(running.map(async ({ name, container: one }) => [name, (await one.finished).code]));
  expect(Object.fromEntries(ends)).toEqual({ intake: 0, scheduler: 0, notifier: 0, backup: 0 });
}, 90_000);

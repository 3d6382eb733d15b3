/** docker-compose.yml without Docker: the same commands in the same environments, against a real Postgres and nats-server. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

/** As Compose fills it in, with what else stands in `.env`; the host names of its network stand for the spec's own servers. */
function environmentOf(name: string, filled: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(described[name]?.environment ?? {}).map(([variable, value]) => [variable, value.replaceAll(/\$\{(\w+)(?::-(.*?)|:\?.*?)?\}/g, (_all, secret: string, otherwise = '') => filled[secret] ?? secrets[secret] ?? otherwise)]);
  const environment = Object.fromEntries(entries) as Record<string, string>;
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

/** Those of the job scan's page that an operator sets; where the file lies is decided by what is mounted. */
const VARIABLES_OF_JOB_SCAN = [...new Set([...readFileSync(resolve(workspace, 'docs/job-scan.md'), 'utf8').matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name = '']) => name))].filter((name) => name !== 'JOB_SCAN_CONFIG');

it('what the job scan’s page lets the environment say is passed on to a service, and does nothing while it is blank', () => {
  expect(VARIABLES_OF_JOB_SCAN).toEqual(expect.arrayContaining(['ALERT_TO_EMAIL', 'SCAN_INTERVAL', 'JOB_SCAN_RELOAD_SECONDS']));
  for (const name of VARIABLES_OF_JOB_SCAN) expect([name, Object.values(described).map(({ environment }) => environment?.[name]).find((value) => value !== undefined)]).toEqual([name, `\${${name}:-}`]);
});

it('ALERT_TO_EMAIL and SCAN_INTERVAL of `.env` hold for the job scan in the scheduler’s container', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  const file = join(folder, 'job-scan.yaml');
  writeFileSync(file, 'sources: [{ name: Acme, type: lever, identifier: acme }]\nsearch_criteria: { required_terms: [python] }\n');
  const checked = (filled: Record<string, string>) => program(process.execPath, ['program/cli.js', 'job-scan', 'check-config', file], { ...image, ...environmentOf('scheduler', filled) }).finished;
  expect((await checked({})).stdout).toMatch(/^warning: profile "default" has no recipients[^]*every 15m, for default \(0 recipients\)/);
  expect((await checked({ ALERT_TO_EMAIL: 'a@example.org,b@example.org', SCAN_INTERVAL: '20m' })).stdout).toBe('the configuration is right: 1 of 1 sources every 20m, for default (2 recipients)\n');
  expect(await checked({ ALERT_TO_EMAIL: 'nobody' })).toMatchObject({ code: 1, stderr: expect.stringContaining('ALERT_TO_EMAIL: "nobody" is no e-mail address') });
  rmSync(folder, { recursive: true, force: true });
});

it('migrates an empty database, then every service becomes healthy and stops in order', async () => {
  expect(await container('migrate').finished).toMatchObject({ code: 0 });

  const services = await Promise.all(SERVICES.map(async (name) => ({ name, port: await freePort() })));
  const running = services.map(({ name, port }) => ({ name, port, container: container(name, port) }));
  for (const { name, port, container: one } of running) {
    const [, command = '', ...args] = (described[name]?.healthcheck.test ?? []).map((word) => word.replace('127.0.0.1:3000', `127.0.0.1:${port}`));
    const healthy = async (): Promise<boolean> => (await program(command, args).finished).code === 0;
    await eventually(healthy, { what: `${name} is healthy`, within: 60_000, every: 250 }).catch((error: unknown) => {
      throw new Error(`${name} is not healthy; it said:\n${one.output()}`, { cause: error });
    });
  }
  for (const { container: one } of running) one.kill('SIGTERM');
  const ends = await Promise.all(running.map(async ({ name, container: one }) => [name, (await one.finished).code]));
  expect(Object.fromEntries(ends)).toEqual({ intake: 0, scheduler: 0, notifier: 0, backup: 0 });
});

import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isAlive, waitUntil } from './embedded/process.mjs';
import { makeStack, operatorEnvironment, runningStack } from './stack.mjs';

const root = resolve(import.meta.dirname, '..');
const main = join(import.meta.dirname, 'fixtures/fake-service.mjs');
let folder;
let stacks;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-stack-'));
  chmodSync(folder, 0o755);
  stacks = [];
});
afterEach(async () => {
  await Promise.all(stacks.map((stack) => stack.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** Given servers: nobody connects to them, the fakes only repeat their addresses. */
const given = { ...process.env, DATABASE_URL: 'postgres://somewhere/carillon', NATS_URL: 'nats://somewhere:4222', NATS_INTAKE_PASSWORD: 'secret' };

function stackUnderTest(options = {}) {
  const said = [];
  const stack = makeStack({ root, folder, env: given, services: [{ name: 'intake', main }, { name: 'backup', main }], migrated: false, say: (line) => said.push(line), ...options });
  stacks.push(stack);
  return { stack, said };
}
const ask = async (url, path = '/') => (await fetch(url + path, { signal: AbortSignal.timeout(2000) })).json();

it('tells every service its own address and credentials, and people the operator’s', async () => {
  const { stack } = stackUnderTest();
  const state = await stack.start();
  expect(await ask(state.services.intake.url)).toMatchObject({ natsUrl: 'nats://intake:secret@somewhere:4222', databaseUrl: given.DATABASE_URL });
  expect(await ask(state.services.backup.url)).toMatchObject({ natsUrl: 'nats://somewhere:4222' });
  expect(runningStack(folder)).toEqual(state);
  expect(operatorEnvironment(state)).toMatchObject({ INTAKE_URL: state.services.intake.url, NATS_URL: 'nats://somewhere:4222' });
  expect(statSync(join(folder, 'stack.json')).mode & 0o777).toBe(0o600);
});

it('leaves no process and no state behind when it is stopped, and lets services finish', async () => {
  const { stack } = stackUnderTest();
  const { services } = await stack.start();
  await stack.stop();
  expect(Object.values(services).map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  expect(runningStack(folder)).toBeUndefined();
  expect(readFileSync(services.intake.log, 'utf8')).toContain('finished what it did');
});

it('stops everything when one service ends at boot, and shows why', async () => {
  const { stack } = stackUnderTest({ env: { ...given, FAKE_CRASHES_AT_BOOT: 'yes' } });
  await expect(stack.start()).rejects.toThrow(/ended at boot with exit code 1; its log .* ends with:[^]*FAKE_SETTING is not set/);
  await expect(stackUnderTest().stack.start()).resolves.toBeDefined();
});

it('starts a service again that died, at the same address', async () => {
  const { stack, said } = stackUnderTest();
  const { services } = await stack.start();
  await ask(services.intake.url, '/die').catch(() => undefined);
  const again = await waitUntil(() => ask(services.intake.url).catch(() => undefined), 10_000);
  expect(again.pid).not.toBe(services.intake.pid);
  expect(said.join()).toContain('intake ended with exit code 3, is started again in 1 s');
  expect(runningStack(folder).services.intake.pid).toBe(again.pid);
});

it('refuses a second start beside the first', async () => {
  await stackUnderTest().stack.start();
  await expect(stackUnderTest().stack.start()).rejects.toThrow(`Carillon runs already here (process ${process.pid}`);
});

it('can be stopped while it starts', async () => {
  const { stack } = stackUnderTest();
  const outcome = stack.start().catch((error) => error.message);
  await stack.stop();
  expect(await outcome).toMatch(/[Ss]topped before/);
  expect(runningStack(folder)).toBeUndefined();
});

it('brings Postgres and NATS of its own when none are given, and takes them along', async () => {
  const env = { ...process.env, DATABASE_URL: '', NATS_URL: '' };
  const { stack } = stackUnderTest({ env, profile: 'test' });
  const state = await stack.start();
  expect(state.databaseUrl).toMatch(/^postgres:\/\/postgres:\w+@127\.0\.0\.1:\d+\/carillon$/);
  expect(state.natsUrls.intake).toMatch(/^nats:\/\/intake:p\w+@127\.0\.0\.1:\d+$/);
  const numbers = [join(folder, 'postgres/data/postmaster.pid'), join(folder, 'nats/nats.pid')].map((file) => Number(readFileSync(file, 'utf8').split('\n')[0]));
  expect(numbers.map(isAlive)).toEqual([true, true]);
  await stack.stop();
  expect(numbers.map(isAlive)).toEqual([false, false]);
});

it('ends what a killed start left running, and keeps its data', async () => {
  const killed = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/start-fake-stack.mjs'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(killed.stdout, 'data');
  const left = JSON.parse(line);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(isAlive(left.services.intake.pid)).toBe(true);

  const { stack } = stackUnderTest({ env: { ...process.env, DATABASE_URL: '', NATS_URL: '' }, profile: 'test', services: [{ name: 'intake', main }] });
  const state = await stack.start();
  expect(isAlive(left.services.intake.pid)).toBe(false);
  expect(new URL(state.databaseUrl).password).toBe(new URL(left.databaseUrl).password);
  expect(await ask(state.services.intake.url)).toMatchObject({ pid: state.services.intake.pid });
});

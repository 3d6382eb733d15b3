import { expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { NATS_USERS, passwordVariable } from '../embedded/nats.mjs';
import { SERVICES } from '../stack.mjs';

const root = resolve(import.meta.dirname, '../..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const text = read('docker-compose.yml');
const { services, volumes } = parse(text, { merge: true });

it('describes Postgres, NATS, the migrations and the four services', () => {
  expect(Object.keys(services).sort()).toEqual(['migrate', 'nats', 'postgres', ...SERVICES].sort());
  expect(services.postgres.image).toMatch(/^postgres:18/);
  expect(services.nats.command).toEqual(expect.arrayContaining(['--config', '--store_dir']));
});

it('gives each service the NATS user of its name, and no other’s password', () => {
  for (const name of SERVICES) {
    const { username, password, hostname } = new URL(services[name].environment.NATS_URL.replace(/\$\{(\w+)\}/, '$1'));
    expect([username, password, hostname]).toEqual([name, passwordVariable(name), 'nats']);
    expect(JSON.stringify(services[name]).match(/NATS_\w+_PASSWORD/g)).toEqual([passwordVariable(name)]);
  }
});

it('tells the NATS server every user’s password, each of which nats.conf limits', () => {
  const conf = read('tools/nats/nats.conf');
  expect(Object.keys(services.nats.environment).sort()).toEqual(NATS_USERS.map(passwordVariable).sort());
  for (const user of NATS_USERS) expect(conf).toMatch(new RegExp(`user: ${user}\\s+password: \\$${passwordVariable(user)}\\s+permissions: \\{\\s+publish: \\{ allow: \\[[^]*?subscribe: \\{ allow: \\["_INBOX_${user}\\.>"`));
});

/** Folders that whoever runs the stack puts files of their own into; docker makes them when they are not there yet. */
const FILLED_BY_THE_OPERATOR = ['./job-scan'];

it('mounts what an operator fills read-only, keeps it out of the repository, and says so', () => {
  for (const folder of FILLED_BY_THE_OPERATOR) {
    const mounts = Object.values(services).flatMap((service) => service.volumes ?? []).filter((volume) => volume.startsWith(`${folder}:`));
    expect(mounts).toEqual([expect.stringMatching(/:ro$/)]);
    expect(read('.gitignore').split('\n')).toContain(`${folder.slice(1)}/`);
    expect(read('docs/operations.md')).toContain(`\`${folder.slice(2)}/`);
  }
});

it('runs and mounts only what is there', () => {
  for (const name of [...SERVICES, 'migrate']) {
    const [main] = services[name].command;
    expect([main, existsSync(join(root, main.replace(/^program\/(\w+)\.js$/, 'apps/$1/src/main.ts')))]).toEqual([main, true]);
    expect(existsSync(join(root, services[name].build.dockerfile))).toBe(true);
  }
  for (const volume of Object.values(services).flatMap((service) => service.volumes ?? [])) {
    const [source] = volume.split(':');
    expect([source, source.startsWith('.') ? existsSync(join(root, source)) || FILLED_BY_THE_OPERATOR.includes(source) : source in volumes]).toEqual([source, true]);
  }
});

it('waits for what it needs, checks its health, and listens on this machine only', () => {
  for (const name of SERVICES) {
    expect(services[name].depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' }, nats: { condition: 'service_healthy' } });
    expect(services[name].healthcheck.test.join(' ')).toContain('/health/ready');
  }
  expect(services.migrate.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  for (const port of Object.values(services).flatMap((service) => service.ports ?? [])) expect(port).toMatch(/^127\.0\.0\.1:/);
});

it('asks for every secret, and the example names each', () => {
  const asked = [...new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name))].sort();
  const example = [...read('tools/docker/env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name).sort();
  expect(asked).toEqual(example);
  expect([...text.matchAll(/\$\{(\w*PASSWORD)\}/g)].every(([, name]) => asked.includes(name))).toBe(true);
});

it('runs as an account without rights, with node as the first process', () => {
  const [, , final] = read('tools/docker/Dockerfile').split(/^FROM /m).slice(1);
  expect(final).toMatch(/^USER node$/m);
  expect(final).toMatch(/^ENTRYPOINT \["node"/m);
});

import { expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SERVICE_NODE_OPTIONS } from './node-options.mjs';

const root = resolve(import.meta.dirname, '..');
const node = (args, env) => promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH, ...env } });

it('an error of a program names the place in our source, not in what was made of it', async () => {
  const started = node([...SERVICE_NODE_OPTIONS, join(root, 'program/backup.js')], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere', NATS_URL: 'nats://127.0.0.1:1', LOG_FORMAT: 'json' });
  const { stdout } = await started.catch((error) => error);
  const { err } = JSON.parse(stdout.split('\n')[0]);
  expect(err.type).toBe('DatabaseUnreachable');
  expect(err.stack).toMatch(/at createDataSource \(.*libs\/persistence\/src\/data-source\.ts:\d+:\d+\)[^]*at async openHouse \(.*libs\/runtime\/src\/service\/house\.ts:\d+:\d+\)/);
});

it.each([['services', SERVICE_NODE_OPTIONS], ['the command line', []]])('what V8 compiled of the libraries is there for %s', async (_who, options) => {
  const { stdout } = await node([...options, '--print', "require('node:v8').cachedDataVersionTag()"]);
  expect(existsSync(join(root, `program/node_modules/libraries/libraries.cjs.${stdout.trim()}`))).toBe(true);
});

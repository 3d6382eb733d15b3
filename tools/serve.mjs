/** `nx serve <app>`: one service in the foreground, beside the running stack or on the servers that the environment names. */
import { spawn } from 'node:child_process';
import { basename, join, resolve } from 'node:path';
import { accepts, freePort } from './embedded/process.mjs';
import { SERVICE_NODE_OPTIONS } from './node-options.mjs';
import { runningStack, serviceEnvironment } from './stack.mjs';

const root = resolve(import.meta.dirname, '..');
const name = basename(process.cwd());
const state = runningStack(join(root, '.carillon'));
if (state === undefined && !(process.env.DATABASE_URL && process.env.NATS_URL)) {
  process.stderr.write(`${name} needs Postgres and NATS: start the stack with npm start, or set DATABASE_URL and NATS_URL\n`);
  process.exit(1);
}
const known = state === undefined ? {} : { ...serviceEnvironment(state, name), LOG_FORMAT: 'pretty' };
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const env = { HTTP_HOST: '127.0.0.1', ...known, ...given };
const wanted = Number(env.HTTP_PORT ?? (state && new URL(state.services[name]?.url ?? 'http://127.0.0.1:0').port));
env.HTTP_PORT = String(wanted > 0 && !(await accepts(wanted, env.HTTP_HOST)) ? wanted : await freePort());
process.stderr.write(`${name} at http://${env.HTTP_HOST}:${env.HTTP_PORT}\n`);

const child = spawn(process.execPath, [...SERVICE_NODE_OPTIONS, join(root, `program/${name}.js`)], { env, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));

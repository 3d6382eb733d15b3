/**
 * A real nats-server with JetStream for one spec, which may kill it, start it again on the same port, and take its streams away: those are
 * the events that code on a bus must survive.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, fromEnvironment } from './environment.js';
import { ProgramFailed } from './errors.js';
import { eventually } from './eventually.js';

export interface NatsServer {
  /** `nats://127.0.0.1:port`; the port stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** Where JetStream keeps its streams, for specs that copy or damage them while the server is down. */
  readonly storeFolder: string;
  /** Everything the server logged since its latest start. */
  log(): string;
  /** Ends it in order: clients are told, streams are flushed. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it when it was stopped or killed. */
  start(): Promise<void>;
  /** SIGKILL and start, streams kept. */
  restart(): Promise<void>;
  /** SIGKILL, all streams and consumers gone, start. */
  wipe(): Promise<void>;
}

export interface NatsServerOptions {
  /** A nats.conf; without it anyone may do anything. */
  configFile?: string;
  /** Added to the environment, for the passwords that a nats.conf reads from there. */
  env?: Record<string, string>;
}

export async function natsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const port = await freePort();
  const name = `nats-${randomBytes(6).toString('hex')}`;
  const storeFolder = join(fromEnvironment('TEST_FOLDER'), name);
  // The teardown of the test run ends every server whose number lies here: a spec that fails half-way leaves nothing running.
  const pidFile = join(fromEnvironment('TEST_FOLDER'), `${name}.pid`);
  const args = ['--jetstream', '--addr', '127.0.0.1', '--port', String(port), '--store_dir', storeFolder, '--pid', pidFile];
  if (options.configFile !== undefined) args.push('--config', options.configFile);
  let output = '';
  let running: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    if (running !== undefined) return;
    output = '';
    const child = spawn(fromEnvironment('NATS_SERVER_BIN'), args, { env: { ...process.env, ...options.env }, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    running = child;
    await eventually(() => greets(port, child), { what: 'nats-server is ready', within: 10_000, every: 5 }).catch(() => undefined);
    if (child.exitCode === null && child.signalCode === null) return;
    running = undefined;
    throw new ProgramFailed('nats-server', output);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  const restart = async (): Promise<void> => {
    await end('SIGKILL');
    await start();
  };
  const wipe = async (): Promise<void> => {
    await end('SIGKILL');
    await rm(storeFolder, { recursive: true, force: true });
    await start();
  };

  await start();
  return { url: `nats://127.0.0.1:${port}`, port, storeFolder, log: () => output, stop: () => end('SIGTERM'), kill: () => end('SIGKILL'), start, restart, wipe };
}

/** A server that is ready sends INFO to whoever connects; one that has ended will not, and need not be waited for. */
function greets(port: number, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => settle(false));
    socket.once('data', (data) => settle(data.toString().startsWith('INFO')));
    socket.once('error', () => settle(false));
  });
}

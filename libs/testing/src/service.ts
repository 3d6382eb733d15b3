/** One of our services as a real process, for tests that kill it: only a real death shows what a death costs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './environment.js';
import { ProgramFailed } from './errors.js';
import { eventually } from './eventually.js';

export type ServiceName = 'intake' | 'scheduler' | 'notifier' | 'backup';

export interface ServiceProcess {
  readonly name: ServiceName;
  readonly pid: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Resolves when `GET /health/ready` answers 200. */
  ready(within?: number): Promise<void>;
  /** Everything it printed, stdout and stderr in order of arrival. */
  output(): string;
  /** Sends the signal (SIGTERM unless told) and resolves with the exit code, or the signal's name, when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Resolves when it ends, whoever ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

const workspace = resolve(import.meta.dirname, '../../..');
/** How services are run everywhere. */
const nodeOptions = async (): Promise<string[]> => ((await import(pathToFileURL(resolve(workspace, 'tools/node-options.mjs')).href)) as { SERVICE_NODE_OPTIONS: string[] }).SERVICE_NODE_OPTIONS;

/** Starts program/<name>.js with this environment on top of ours. It is not waited for: see `ready()`. */
export async function spawnService(name: ServiceName, env: Record<string, string>): Promise<ServiceProcess> {
  const main = resolve(workspace, `program/${name}.js`);
  if (!existsSync(main)) throw new ProgramFailed(name, `${main} is not there: npm run build`);
  const port = env['HTTP_PORT'] ?? String(await freePort());
  const child = spawn(process.execPath, [...(await nodeOptions()), main], {
    cwd: workspace,
    env: { ...withoutRunnerOptions(process.env), HTTP_HOST: '127.0.0.1', LOG_FORMAT: 'json', ...env, HTTP_PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  leaveNumber(name, child.pid, main);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const url = `http://127.0.0.1:${port}`;

  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) })).ok;
  };
  const ready = async (within = 90_000): Promise<void> => {
    await eventually(isReady, { what: `${name} is ready at ${url}`, within, every: 50 });
    if (child.exitCode !== null || child.signalCode !== null) throw new ProgramFailed(name, output);
  };
  const kill = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> => {
    child.kill(signal);
    return exited;
  };
  return { name, pid: child.pid ?? 0, url, ready, output: () => output, kill, exited };
}

/** The teardown of the test run ends every process whose number lies in its folder: a spec that fails half-way leaves nothing running. */
function leaveNumber(name: string, pid: number | undefined, main: string): void {
  const folder = process.env['TEST_FOLDER'];
  if (folder !== undefined && pid !== undefined) writeFileSync(join(folder, `${name}-${pid}.pid`), `${pid}\n${main}`);
}

/** The runner's flags (--experimental-vm-modules) would make every service print a warning. */
function withoutRunnerOptions({ NODE_OPTIONS: _options, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

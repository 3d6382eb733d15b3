/** Ringers in processes of their own, for specs that kill them. Each tells what it is about to do, and can be struck at that instant. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleModule } from '../../../chaos/lib/bundle.mjs';

/** The built code, as in production, in one file: it is started dozens of times, and loading file by file takes it a second of processor time. */
let program: Promise<string> | undefined;
const bundled = (): Promise<string> => (program ??= bundleModule(join(import.meta.dirname, 'ringer-process.mjs'), mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), 'ringer-'))));

export interface Told {
  what: 'ready' | 'running' | 'written' | 'handled';
  about?: string;
}

export interface RingerProcess {
  child: ChildProcess;
  /** Resolves at the n-th thing told that fits; `then` is called at once, not a tick later. */
  heard(fits: (one: Told) => boolean, nth?: number, then?: () => void): Promise<Told>;
}

export interface Ringers {
  start(): Promise<RingerProcess>;
  /** Kills those that still live. */
  end(): Promise<void>;
}

export function ringers(databaseUrl: string, natsUrl: string): Ringers {
  const children: ChildProcess[] = [];
  return {
    start: async () => {
      const { NODE_OPTIONS: _ofJest, ...env } = process.env;
      const child = fork(await bundled(), { env: { ...env, DATABASE_URL: databaseUrl, NATS_URL: natsUrl, BUSY_MS: '5000' }, execArgv: [] });
      children.push(child);
      const told = new EventEmitter<{ told: [Told] }>();
      child.on('message', (message) => told.emit('told', message as Told));
      const heard: RingerProcess['heard'] = (fits, nth = 1, then = () => undefined) =>
        new Promise((resolve, reject) => {
          let count = 0;
          child.once('exit', (code, signal) => reject(new Error(`the ringer ended (${code ?? signal}) before that was heard`)));
          told.on('told', (one) => {
            if (!fits(one) || (count += 1) !== nth) return;
            then();
            resolve(one);
          });
        });
      await heard((one) => one.what === 'ready');
      return { child, heard };
    },
    end: async () => {
      await Promise.all(children.map((child) => end(child)));
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

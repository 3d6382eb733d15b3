/**
 * Keeps the leases of the steps that this process is working on. The heartbeat runs in a thread and on a connection of its own, so a busy event
 * loop does not look dead, and it stops at the step's deadline, so a hung one does not look alive.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Why a step must stop. */
export type LostReason = 'cancelled' | 'lost';

export interface KeeperOptions {
  url: string;
  /** This process's row in engine.service, whose heart it beats as well. */
  serviceId: string;
  leaseMs: number;
  /** Told when the thread itself died; it is restarted, and the steps it held are reported lost. */
  onError?: (error: Error) => void;
}

/** What the thread is told. */
export type KeeperCommand =
  | { kind: 'hold'; id: string; fence: string; forMs: number }
  | { kind: 'progress'; id: string; done: number; total: number }
  | { kind: 'release'; id: string }
  | { kind: 'stop' };

/** What the thread tells. */
export type KeeperEvent = { kind: 'ready' } | { kind: 'stop-step'; id: string; reason: LostReason };

export class LeaseKeeper {
  private readonly held = new Map<string, (reason: LostReason) => void>();
  private worker: Worker | undefined;
  private stopping = false;

  private constructor(private readonly options: KeeperOptions) {}

  /** Starts the thread and waits for its first heartbeat. */
  static async start(options: KeeperOptions): Promise<LeaseKeeper> {
    const keeper = new LeaseKeeper(options);
    await keeper.startThread();
    return keeper;
  }

  /** Keeps the lease of a claimed step, for `forMs` at most; `onLost` is called when the step must stop before `release`. */
  hold(step: { id: string; fence: string }, forMs: number, onLost: (reason: LostReason) => void): void {
    this.held.set(step.id, onLost);
    this.tell({ kind: 'hold', id: step.id, fence: step.fence, forMs });
  }

  progress(id: string, done: number, total: number): void {
    this.tell({ kind: 'progress', id, done, total });
  }

  release(id: string): void {
    this.held.delete(id);
    this.tell({ kind: 'release', id });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const worker = this.worker;
    if (!worker) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    this.tell({ kind: 'stop' });
    await gone;
  }

  private async startThread(): Promise<void> {
    const file = createRequire(import.meta.url).resolve('#lease-keeper');
    const { url, serviceId, leaseMs } = this.options;
    const worker = new Worker(file, { workerData: { url, serviceId, leaseMs } });
    this.worker = worker;
    worker.on('error', (error) => this.options.onError?.(error));
    worker.once('exit', () => this.threadEnded());
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.on('message', (event: KeeperEvent) => (event.kind === 'ready' ? resolve() : this.stopStep(event.id, event.reason)));
    });
  }

  private threadEnded(): void {
    this.worker = undefined;
    if (this.stopping) return;
    for (const id of [...this.held.keys()]) this.stopStep(id, 'lost');
    this.startThread().catch((error: Error) => this.options.onError?.(error));
  }

  private stopStep(id: string, reason: LostReason): void {
    this.held.get(id)?.(reason);
  }

  private tell(command: KeeperCommand): void {
    this.worker?.postMessage(command);
  }
}

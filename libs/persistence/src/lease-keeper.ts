/**
 * Keeps this process's lease on everything that it works on: one heartbeat for all its steps, from a thread and on a connection of its own, so a busy
 * event loop does not look dead. The thread also reads, once a second while we hold something, what the ledger says we hold; the process compares that with what it is doing.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** A step that the ledger says is ours. */
export interface HeldStep {
  runId: string;
  stepId: string;
  fence: string;
  cancelRequested: boolean;
}

export interface KeeperOptions {
  url: string;
  /** This process's row in engine.service, whose heart it beats. */
  serviceId: string;
  leaseMs: number;
  /** Told when the thread itself died; it is restarted. */
  onError?: (error: Error) => void;
}

/** What the thread is told. */
export type KeeperCommand = { kind: 'progress'; runId: string; stepId: string; fence: string; done: number; total: number } | { kind: 'attend' } | { kind: 'stop' };

/** What the thread tells: a heartbeat that the database confirmed, with what we held at `askedAt` (monotonic milliseconds of the system), or that it is too long ago. */
export type KeeperEvent = { kind: 'beat'; askedAt: number; held: HeldStep[] } | { kind: 'silent' };

/** Milliseconds of one clock that all threads of the machine share and nobody sets. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

export class LeaseKeeper {
  private worker: Worker | undefined;
  private stopping = false;
  private listener: (event: KeeperEvent) => void = () => undefined;
  private lastBeatAt = monotonicMs();
  /** The ledger said that we hold nothing, so the thread takes its time. */
  private resting = false;

  private constructor(private readonly options: KeeperOptions) {}

  /** Starts the thread and waits for its first heartbeat. */
  static async start(options: KeeperOptions): Promise<LeaseKeeper> {
    const keeper = new LeaseKeeper(options);
    await keeper.startThread();
    return keeper;
  }

  /** Whoever works on steps hears every beat; one listener. */
  onEvent(listener: (event: KeeperEvent) => void): void {
    this.listener = listener;
  }

  progress(step: { runId: string; stepId: string; fence: string }, done: number, total: number): void {
    this.tell({ kind: 'progress', ...step, done, total });
  }

  /** Something is held now: from here on a beat a second. Costs nothing while that is known. */
  attend(): void {
    if (!this.resting) return;
    this.resting = false;
    this.tell({ kind: 'attend' });
  }

  /** Since the database confirmed that we live. */
  get silentForMs(): number {
    return monotonicMs() - this.lastBeatAt;
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
      worker.on('message', (event: KeeperEvent) => {
        resolve();
        if (event.kind === 'beat') {
          this.lastBeatAt = event.askedAt;
          this.resting = event.held.length === 0;
        }
        this.listener(event);
      });
    });
  }

  private threadEnded(): void {
    this.worker = undefined;
    if (this.stopping) return;
    this.startThread().catch((error: Error) => this.options.onError?.(error));
  }

  private tell(command: KeeperCommand): void {
    this.worker?.postMessage(command);
  }
}

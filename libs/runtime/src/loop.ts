/** A periodic service is a loop, a `runOnce` that can be called alone, and a nudge that makes the next round come now. */
import type { Logger } from 'pino';

export interface LoopOptions {
  name: string;
  log: Logger;
  /** One round. Answers how many milliseconds to wait for the next one at most; a nudge ends the wait. */
  runOnce(): Promise<number>;
  /** The wait after a round that threw. */
  afterErrorMs?: number;
}

export class Loop {
  private wake: () => void = () => undefined;
  private nudged = false;
  private stopping = false;
  private running: Promise<void> | undefined;
  /** Monotonic milliseconds of the first of the rounds that failed in a row. */
  private failingSince: number | undefined;
  /** Monotonic milliseconds of the last sign of life, and until when the loop rests; Infinity before it starts and after it ended. */
  private signAt = Infinity;

  constructor(private readonly options: LoopOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Something happened that is worth a round now. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  get name(): string {
    return this.options.name;
  }

  /** A long round that gets on says so; a round that says nothing hangs. */
  sign(): void {
    if (this.running) this.signAt = performance.now();
  }

  /** For how long the loop should have given a sign of life and did not. */
  overdueMs(): number {
    return Math.max(0, performance.now() - this.signAt);
  }

  /** For how long every round has failed. */
  failingMs(): number {
    return this.failingSince === undefined ? 0 : performance.now() - this.failingSince;
  }

  /** Finishes the round that runs and begins no other. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.nudged = false;
      this.signAt = performance.now();
      const waitMs = await this.round();
      this.signAt = performance.now() + waitMs;
      if (!this.nudged && !this.stopping) await this.rest(waitMs);
    }
    this.signAt = Infinity;
  }

  /** An outage of many rounds is said once when it begins and once when it ends. */
  private async round(): Promise<number> {
    const { name, log, runOnce, afterErrorMs = 1_000 } = this.options;
    try {
      const waitMs = await runOnce();
      if (this.failingSince !== undefined) log.info({ loop: name }, `${name} works again`);
      this.failingSince = undefined;
      return waitMs;
    } catch (error) {
      if (this.failingSince === undefined) log.error({ loop: name, err: error }, `${name} failed, trying again`);
      this.failingSince ??= performance.now();
      this.nudged = false;
      return afterErrorMs;
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

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
  private failing = false;

  constructor(private readonly options: LoopOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Something happened that is worth a round now. */
  nudge(): void {
    this.nudged = true;
    this.wake();
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
      const waitMs = await this.round();
      if (!this.nudged && !this.stopping) await this.rest(waitMs);
    }
  }

  /** An outage of many rounds is said once when it begins and once when it ends. */
  private async round(): Promise<number> {
    const { name, log, runOnce, afterErrorMs = 1_000 } = this.options;
    try {
      const waitMs = await runOnce();
      if (this.failing) log.info({ loop: name }, `${name} works again`);
      this.failing = false;
      return waitMs;
    } catch (error) {
      if (!this.failing) log.error({ loop: name, err: error }, `${name} failed, trying again`);
      this.failing = true;
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

/**
 * Work that is cheaper together: what is asked while a round is under way goes with the next one. The first never waits for company, so an idle process answers at
 * once and a busy one makes few, large rounds.
 */

export interface BatchOptions<In, Out> {
  /** Does one round; the answers stand in the order of the items. */
  round(items: In[]): Promise<readonly (Out | Error)[]>;
  /** Items of one round at most. */
  most: number;
  /** Rounds at the same time. */
  flights: number;
  /** Beside a round that is under way, another begins when it is full, or when this many milliseconds have passed: then something holds the first one up. 0 unless told: at once. */
  patienceMs?: number;
  /** Whether an error of a whole round may be the fault of one item: then each is tried alone. */
  blames?(error: unknown): boolean;
}

interface Waiting<In, Out> {
  item: In;
  resolve(answer: Out): void;
  reject(error: unknown): void;
}

export class Batch<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private flying = 0;
  private scheduled = false;
  private losingPatience: NodeJS.Timeout | undefined;

  constructor(private readonly options: BatchOptions<In, Out>) {}

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** What happens in the same turn of the event loop shares a round. */
  private schedule(): void {
    const { flights, most, patienceMs = 0 } = this.options;
    if (this.scheduled || this.flying >= flights) return;
    if (this.flying > 0 && patienceMs > 0 && this.waiting.length < most) {
      this.losingPatience ??= setTimeout(() => {
        this.losingPatience = undefined;
        if (this.waiting.length > 0 && this.flying < flights) void this.fly();
      }, patienceMs);
      return;
    }
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.fly();
    });
  }

  private async fly(): Promise<void> {
    const taken = this.waiting.splice(0, this.options.most);
    if (taken.length === 0) return;
    this.flying += 1;
    if (this.waiting.length > 0) this.schedule();
    try {
      await this.answer(taken);
    } finally {
      this.flying -= 1;
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private async answer(taken: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const answers = await this.options.round(taken.map(({ item }) => item));
      taken.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer instanceof Error) reject(answer);
        else resolve(answer as Out);
      });
    } catch (error) {
      if (taken.length === 1 || this.options.blames?.(error) !== true) for (const { reject } of taken) reject(error);
      else for (const one of taken) await this.answer([one]);
    }
  }
}

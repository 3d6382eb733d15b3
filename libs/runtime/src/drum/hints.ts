/** Who waits for a hint about an owner's work, and wakes when one comes. */

export interface Hint {
  /** Resolves when a hint has come since it was asked for, the time is over, or `gone` aborts. */
  within(milliseconds: number, gone: AbortSignal): Promise<void>;
  /** Stops listening. */
  drop(): void;
}

export class Hints {
  private readonly waiting = new Map<string, Set<() => void>>();

  /** How many listen, whatever for. */
  get listeners(): number {
    return [...this.waiting.values()].reduce((sum, one) => sum + one.size, 0);
  }

  give(owner: string): void {
    for (const wake of this.waiting.get(owner) ?? []) wake();
  }

  next(owner: string): Hint {
    let wake: () => void = () => undefined;
    const come = new Promise<void>((resolve) => (wake = resolve));
    const others = this.waiting.get(owner) ?? new Set();
    this.waiting.set(owner, others.add(wake));
    return {
      within: async (milliseconds, gone) => {
        const timer = setTimeout(wake, milliseconds);
        gone.addEventListener('abort', wake, { once: true });
        if (gone.aborted) wake();
        await come;
        clearTimeout(timer);
        gone.removeEventListener('abort', wake);
      },
      drop: () => {
        others.delete(wake);
        if (others.size === 0) this.waiting.delete(owner);
      },
    };
  }
}

/** Time that stands still until a spec moves it: what is due in a week is tested in a millisecond, and the same way every time. */

export interface Timer {
  /** The timer will not fire; harmless when it already has. */
  cancel(): void;
}

interface Waiting {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

export class MovableClock {
  #time: number;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  /** @param start Monday 5 January 2026, 08:00 UTC unless told */
  constructor(start: Date | string = '2026-01-05T08:00:00.000Z') {
    this.#time = new Date(start).getTime();
    if (Number.isNaN(this.#time)) throw new RangeError(`${String(start)} is not a time: give a Date or an ISO 8601 string`);
  }

  /** Bound, so that it can be passed as a function: `new Scheduler({ now: clock.now })`. */
  readonly now = (): Date => new Date(this.#time);

  /** How many timers and sleepers wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Calls back when the clock was moved by so many milliseconds. */
  setTimeout(callback: () => void, milliseconds: number): Timer {
    const entry = { due: this.#time + milliseconds, order: this.#order++, fire: callback };
    this.#waiting.add(entry);
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  /** Resolves when the clock was moved by so many milliseconds; rejects with the signal's reason when that is aborted first. */
  readonly sleep = (milliseconds: number, abort?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (abort?.aborted === true) return reject(abort.reason as Error);
      const interrupt = (): void => {
        timer.cancel();
        reject(abort?.reason as Error);
      };
      const timer = this.setTimeout(() => {
        abort?.removeEventListener('abort', interrupt);
        resolve();
      }, milliseconds);
      abort?.addEventListener('abort', interrupt, { once: true });
    });

  /** Moves on, stopping at each timer on the way in the order of their times, and lets what it woke run before going further. */
  async advance(milliseconds: number): Promise<void> {
    await this.moveTo(new Date(this.#time + milliseconds));
  }

  /** Moves on to a time. A time that lies behind only sets the clock back: no timer fires, as after a correction of a real clock. */
  async moveTo(time: Date): Promise<void> {
    for (let next = this.#next(time); next !== undefined; next = this.#next(time)) {
      this.#waiting.delete(next);
      this.#time = Math.max(this.#time, next.due);
      next.fire();
      await settled();
    }
    this.#time = time.getTime();
    await settled();
  }

  #next(until: Date): Waiting | undefined {
    return [...this.#waiting].filter((entry) => entry.due <= until.getTime()).sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}

/** Everything that needs no I/O has run when the event loop comes round. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** At most so many requests to one host at once; the others wait in the order in which they came. */

export class HostLimits {
  readonly #busy = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(private readonly most: number) {}

  /** @throws the signal's reason when it aborts before it is our turn */
  async within<T>(host: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#turn(host, signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.get(host)?.shift();
      if (next) next();
      else this.#leave(host);
    }
  }

  #turn(host: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const busy = this.#busy.get(host) ?? 0;
    if (busy < this.most) {
      this.#busy.set(host, busy + 1);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(host) ?? [];
      this.#waiting.set(host, queue);
      const gone = (): void => {
        queue.splice(queue.indexOf(begin), 1);
        reject(signal?.reason);
      };
      const begin = (): void => {
        signal?.removeEventListener('abort', gone);
        resolve();
      };
      queue.push(begin);
      signal?.addEventListener('abort', gone, { once: true });
    });
  }

  #leave(host: string): void {
    const left = (this.#busy.get(host) ?? 1) - 1;
    if (left > 0) this.#busy.set(host, left);
    else {
      this.#busy.delete(host);
      this.#waiting.delete(host);
    }
  }
}

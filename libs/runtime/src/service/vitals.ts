/**
 * Whether the process itself gets on: its event loop turns, and its loops make their rounds. Measured from inside, so it tells what a probe can not
 * see from outside: that the answer came late, or that everything answers but the one loop that matters.
 */

/** A loop, as far as its life is watched. */
export interface Watched {
  name: string;
  overdueMs(): number;
  failingMs(): number;
}

export interface VitalSigns {
  /** For how long the event loop has been standing still, or stood still at its latest stop within the last minute. */
  blockedMs: number;
  /** By how much each loop is overdue: it hangs. */
  loops: Record<string, number>;
  /** For how long each loop has failed in every round: it tries, and what it needs is away. */
  failing: Record<string, number>;
}

const BEAT_MS = 1_000;
/** A stop is held against the process for this long: a probe every ten seconds must have the chance to see it. */
const REMEMBERED_MS = 60_000;

export class Vitals {
  private readonly loops: Watched[] = [];
  private timer: NodeJS.Timeout | undefined;
  private beatAt = performance.now();
  private stop = { endedAt: -Infinity, ms: 0 };

  start(): void {
    this.beatAt = performance.now();
    this.timer = setInterval(() => this.beat(performance.now()), BEAT_MS).unref();
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  watch(loop: Watched): void {
    this.loops.push(loop);
  }

  signs(now = performance.now()): VitalSigns {
    // Before the next beat: an answer that waited behind whatever blocked the loop comes first.
    const standing = this.timer ? Math.max(0, now - this.beatAt - BEAT_MS) : 0;
    const remembered = now - this.stop.endedAt < REMEMBERED_MS ? this.stop.ms : 0;
    return { blockedMs: Math.round(Math.max(standing, remembered)), loops: this.each((loop) => loop.overdueMs()), failing: this.each((loop) => loop.failingMs()) };
  }

  private each(read: (loop: Watched) => number): Record<string, number> {
    return Object.fromEntries(this.loops.map((loop) => [loop.name, Math.round(read(loop))]));
  }

  private beat(now: number): void {
    const ms = now - this.beatAt - BEAT_MS;
    const forgotten = now - this.stop.endedAt >= REMEMBERED_MS;
    if (ms > BEAT_MS && (forgotten || ms > this.stop.ms)) this.stop = { endedAt: now, ms };
    this.beatAt = now;
  }
}

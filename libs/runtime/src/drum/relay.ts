/** Publishes what was promised: the outbox is the promise, the bus only the nudge. Any number of relays share one outbox. */
import { NoStreamForSubject, streamOf } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { relayBatch, untilPromised } from '@carillon/persistence';
import type { PromisedMessage } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Loop } from '../loop.js';
import type { Meters } from '../meters/meters.js';

const BATCH = 200;
/** How soon a message is found whose promise was committed by a process that died before it could publish it. */
const POLL_MS = 2_000;
/** A round that found this many had the company that makes the next one cheap as well, so that one may wait a little for it; whoever publishes little is never kept waiting. */
const MANY = 10;
/** Facts behind one acknowledgement at most: few enough that they can not fill the server's buffers. */
const FACTS_TOGETHER = 500;
const PACE_MS = 20;

export class Relay {
  readonly loop: Loop;
  /** Monotonic milliseconds before which no nudge begins a round. */
  private restsUntil = 0;
  private resting: NodeJS.Timeout | undefined;
  /** Somebody here promised something since the last round. */
  private promised = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Pick<Bus, 'publishMany' | 'publishTogether' | 'announce'>,
    private readonly log: Logger,
    private readonly meters?: Pick<Meters, 'relayed'>,
  ) {
    this.loop = new Loop({ name: 'relay', log, runOnce: () => this.runOnce() });
  }

  start(): void {
    this.loop.start();
  }

  /** Called after a commit that promised something. */
  nudge(): void {
    this.promised = true;
    const restMs = this.restsUntil - performance.now();
    if (restMs <= 0) this.loop.nudge();
    else
      this.resting ??= setTimeout(() => {
        this.resting = undefined;
        this.loop.nudge();
      }, restMs);
  }

  stop(): Promise<void> {
    clearTimeout(this.resting);
    return this.loop.stop();
  }

  async runOnce(): Promise<number> {
    if (!this.promised) {
      const untilDue = await untilPromised(this.dataSource);
      if (untilDue > 0) return Math.min(POLL_MS, untilDue);
    }
    this.promised = false;
    for (;;) {
      let messages = 0;
      const { taken, nextInMs } = await relayBatch(this.dataSource, BATCH, (promised) => {
        messages = promised.length;
        return this.publish(promised);
      });
      this.loop.sign();
      if (taken === BATCH) continue;
      if (taken === 0) return Math.min(POLL_MS, nextInMs);
      if (messages < MANY) return 0;
      this.restsUntil = performance.now() + PACE_MS;
      return PACE_MS;
    }
  }

  /**
   * Messages that were not acknowledged stay promised; the others are not held up by them. When all fail the bus is away, unless it said of one that
   * no stream takes it: then the rest may be refused for reasons of their own.
   */
  private async publish(promised: PromisedMessage[]): Promise<string[]> {
    const facts = promised.filter((message) => message.fact === true);
    const told = this.publishFacts(facts);
    const published = await this.publishEach(promised.filter((message) => message.fact !== true));
    const { ids, error } = await told;
    if (!error) return [...published, ...ids];
    if (published.length === 0 && ids.length === 0 && facts.length === promised.length && !(error instanceof NoStreamForSubject)) throw error;
    this.log.warn({ facts: facts.length - ids.length, err: error }, 'some facts were not published, they stay promised');
    return [...published, ...ids];
  }

  /** Stream by stream, since one acknowledgement stands for those before it in its stream. A message whose receipt went astray is stored once more at worst; its id tells. */
  private async publishFacts(facts: readonly PromisedMessage[]): Promise<{ ids: string[]; error?: Error }> {
    const ids: string[] = [];
    let error: Error | undefined;
    for (const stream of byStream(facts)) {
      for (let start = 0; start < stream.length; start += FACTS_TOGETHER) {
        const together = stream.slice(start, start + FACTS_TOGETHER);
        try {
          await this.bus.publishTogether(together);
          ids.push(...together.map(({ id }) => id));
        } catch (cause) {
          error = cause as Error;
          // A bus that is away is away for the others too, and the rows are held meanwhile.
          if (!(error instanceof NoStreamForSubject)) return { ids, error };
        }
      }
    }
    return { ids, ...(error && { error }) };
  }

  private async publishEach(promised: PromisedMessage[]): Promise<string[]> {
    // Hints for programs that claim by themselves: said to whoever listens now, and not kept.
    const hints = promised.filter(({ subject }) => streamOf(subject) === undefined);
    for (const { subject, payload } of hints) this.bus.announce(subject, payload);
    const messages = promised.filter(({ subject }) => streamOf(subject) !== undefined);
    if (messages.length === 0) return hints.map(({ id }) => id);
    const results = await this.bus.publishMany(messages);
    const failures = results.filter((result) => result.status === 'rejected');
    const [first] = failures;
    if (first && failures.length === messages.length && !failures.some(({ reason }) => reason instanceof NoStreamForSubject)) throw first.reason;
    if (first) this.log.warn({ failed: failures.length, err: first.reason as Error }, 'some messages were not published, they stay promised');
    const published = [...hints, ...messages.filter((_message, index) => results[index]?.status === 'fulfilled')].map(({ id }) => id);
    this.meters?.relayed(published.length);
    return published;
  }
}

function byStream(facts: readonly PromisedMessage[]): PromisedMessage[][] {
  const streams = new Map<string, PromisedMessage[]>();
  for (const fact of facts) {
    const name = streamOf(fact.subject)?.name ?? '';
    const stream = streams.get(name);
    if (stream) stream.push(fact);
    else streams.set(name, [fact]);
  }
  return [...streams.values()];
}

/**
 * One durable pull consumer: asks for no more messages than it can start at once, so none waits in a buffer while its time runs out, and
 * comes back by itself when the server, the stream or the consumer went away.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { nanos } from '@nats-io/transport-node';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Bus } from './bus.js';
import { ConsumerUnavailable, messageOf } from './errors.js';
import { ensureStreams } from './streams.js';

export interface ConsumerPlan {
  stream: string;
  name: string;
  /** A concrete subject on work queues, where filters must not overlap; facts may use wildcards. */
  filter: string;
  ackWaitMs: number;
  /** How many messages are handled at once. */
  concurrency: number;
}

/** One pull request stays open this long; half of it would be too rare a heartbeat to notice a dead server. */
const PULL_EXPIRES_MS = 10_000;
const PULL_HEARTBEAT_MS = 1_500;

export class DurableConsumer {
  private consumer: Consumer | undefined;
  private pulling: Promise<void> | undefined;
  private batch: ConsumerMessages | undefined;
  private readonly inFlight = new Map<JsMsg, Promise<void>>();
  private slotFreed = (): void => undefined;
  private readonly stopping = new AbortController();
  private failures = 0;
  private created = '';
  /** Grows when the consumer had to be made anew: older deliveries then belong to nobody. */
  private generation = 0;

  constructor(
    readonly plan: ConsumerPlan,
    private readonly bus: Bus,
    private readonly settle: (message: JsMsg, isCurrent: () => boolean) => Promise<void>,
  ) {}

  /** Creates or updates the consumer on the server. @throws ConsumerUnavailable */
  async ensure(): Promise<Consumer> {
    const { stream, name, filter, ackWaitMs } = this.plan;
    try {
      const wanted = {
        durable_name: name,
        filter_subject: filter,
        ack_policy: AckPolicy.Explicit,
        // Everything still stored, also after the consumer was lost: repeating is harmless, missing is not.
        deliver_policy: DeliverPolicy.All,
        ack_wait: nanos(ackWaitMs),
        // We count and give up ourselves: past the server's limit a message would stay in the queue unseen.
        max_deliver: -1,
      };
      const info = await this.bus.asking(() => this.bus.manager.consumers.add(stream, wanted));
      if (this.created !== '' && this.created !== info.created) this.generation++;
      this.created = info.created;
      this.consumer = await this.bus.asking(() => this.bus.consumers.get(stream, name));
      return this.consumer;
    } catch (cause) {
      throw new ConsumerUnavailable(name, stream, filter, cause);
    }
  }

  start(): void {
    this.pulling = this.pull();
  }

  /** Stops pulling and returns what was received but not begun. What is being handled goes on: see `drained`. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.slotFreed();
    void this.batch?.close();
    await this.pulling;
  }

  /** Resolves when all that is being handled is settled. */
  async drained(): Promise<void> {
    await Promise.all(this.inFlight.values());
  }

  /** Returns what is still being handled to the queue. */
  abandon(): number {
    if (!this.bus.closed) for (const message of this.inFlight.keys()) message.nak();
    return this.inFlight.size;
  }

  private async pull(): Promise<void> {
    const { name, stream } = this.plan;
    while (!this.stopping.signal.aborted && !this.bus.closed) {
      try {
        if (this.failures > 0) await this.recover();
        await this.fetch(await this.freeSlots());
        if (this.failures > 0) this.bus.log.info({ consumer: name, stream }, 'pulling messages again');
        this.failures = 0;
      } catch (error) {
        if (++this.failures === 1) this.bus.log.warn({ consumer: name, stream, error: messageOf(error) }, 'pulling messages was interrupted');
      }
    }
  }

  private async fetch(slots: number): Promise<void> {
    if (slots === 0) return;
    const consumer = this.consumer ?? (await this.ensure());
    this.batch = await consumer.fetch({ max_messages: slots, expires: PULL_EXPIRES_MS, idle_heartbeat: PULL_HEARTBEAT_MS });
    if (this.stopping.signal.aborted) void this.batch.close();
    for await (const message of this.batch) {
      if (this.stopping.signal.aborted) message.nak();
      else this.begin(message);
    }
  }

  private begin(message: JsMsg): void {
    const { generation } = this;
    const settled = this.settle(message, () => generation === this.generation).finally(() => {
      this.inFlight.delete(message);
      this.slotFreed();
    });
    this.inFlight.set(message, settled);
  }

  /** Waits until at least one more message can be begun; 0 only when stopping. */
  private async freeSlots(): Promise<number> {
    while (this.inFlight.size >= this.plan.concurrency) {
      if (this.stopping.signal.aborted) return 0;
      await new Promise<void>((resolve) => (this.slotFreed = resolve));
    }
    return this.plan.concurrency - this.inFlight.size;
  }

  /** Makes streams and consumer again where they are gone: the first time at once, then ever more slowly. */
  private async recover(): Promise<void> {
    if (this.failures > 1) await delay(Math.min(2_000, 100 * 2 ** (this.failures - 2)), undefined, { signal: this.stopping.signal });
    await this.bus.online();
    await ensureStreams(this.bus);
    await this.ensure();
  }
}

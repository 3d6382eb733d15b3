/**
 * One connection to NATS per process: publishing that is acknowledged, requests that fail in words, and a connection that outlives its
 * server. Everything else in this library stands on it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errors as natsErrors } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { LostUnderWay, NoStreamForSubject, NobodyAnswers, PublishFailed, PublishTimedOut, RequestFailed, RequestRefused, RequestTimedOut, isCausedBy, messageOf } from './errors.js';
import { toNatsHeaders } from './headers.js';
import type { Headers } from './headers.js';
import { encodePayload } from './payload.js';
import type { Payload } from './payload.js';
import { withTrace } from './trace-headers.js';

/** What messaging needs of a logger; pino's has it. Thrown errors come in the field `err`, which pino prints with stack and causes. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Receipt {
  stream: string;
  sequence: number;
  /** The same id was stored within the last two minutes; nothing was added. */
  duplicate: boolean;
}

export interface OutgoingMessage {
  subject: string;
  id: string;
  payload: Payload;
  headers?: Headers;
}

export interface BusStatus {
  connected: boolean;
  server?: string;
  roundTripMs?: number;
  /** How often the connection was lost and made again since boot. */
  reconnects: number;
}

const NO_HEADERS: Headers = {};
const ACKNOWLEDGE_WITHIN_MS = 5_000;
const ASKED_AT_MOST = 3;
/** Enough to hide the round trip, few enough that one batch can not fill the server's buffers. */
const PUBLISH_WINDOW = 256;

export class Bus {
  private connected = true;
  private back: Promise<void> = Promise.resolve();
  private comeBack = (): void => undefined;
  private readonly awaitingAck = new Set<(reason: Error) => void>();
  private reconnects = 0;
  private readonly watchers = new Set<() => void>();
  /** The same complaint at every retry is said once. */
  private lastError = '';

  /** Made by `connectBus`. */
  constructor(
    readonly service: string,
    readonly log: Log,
    readonly connection: NatsConnection,
    private readonly jetstream: JetStreamClient,
    readonly manager: JetStreamManager,
  ) {
    void this.watch();
  }

  get consumers(): JetStreamClient['consumers'] {
    return this.jetstream.consumers;
  }

  get closed(): boolean {
    return this.connection.isClosed();
  }

  /**
   * Resolves when JetStream has stored the message. The id is its `Nats-Msg-Id`: the same id within two minutes is stored once.
   * @throws NoStreamForSubject, PublishTimedOut or another PublishFailed; ReservedHeader for a `Nats-…` header
   */
  async publish(subject: string, id: string, payload: Payload, headers: Headers = {}): Promise<Receipt> {
    const checked = toNatsHeaders(withTrace(headers));
    if (!this.connected) await this.online(ACKNOWLEDGE_WITHIN_MS);
    try {
      const ack = await this.unlessLost(this.jetstream.publish(subject, encodePayload(payload), { msgID: id, headers: checked, timeout: ACKNOWLEDGE_WITHIN_MS }));
      return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate };
    } catch (cause) {
      throw publishError(subject, id, cause);
    }
  }

  /** Publishes many without waiting for each; the results stand in the order of the messages, so a caller knows which to send again. */
  async publishMany(messages: readonly OutgoingMessage[]): Promise<PromiseSettledResult<Receipt>[]> {
    const results: PromiseSettledResult<Receipt>[] = [];
    for (let start = 0; start < messages.length; start += PUBLISH_WINDOW) {
      const window = messages.slice(start, start + PUBLISH_WINDOW);
      results.push(...(await Promise.allSettled(window.map(({ subject, id, payload, headers }) => this.publish(subject, id, payload, headers)))));
    }
    return results;
  }

  /**
   * Publishes messages of one stream, and resolves when JetStream has stored them all: the server takes them in order, so the acknowledgement of the last
   * one is that of all. Cheaper than one each; a rejection says nothing of any of them, and publishing all again under the same ids is safe.
   */
  async publishTogether(messages: readonly OutgoingMessage[]): Promise<void> {
    const last = messages.at(-1);
    if (!last) return;
    if (!this.connected) await this.online(ACKNOWLEDGE_WITHIN_MS);
    try {
      for (const { subject, id, payload, headers = {} } of messages.slice(0, -1)) {
        const stamped = toNatsHeaders(headers);
        stamped.set('Nats-Msg-Id', id);
        this.connection.publish(subject, encodePayload(payload), { headers: stamped });
      }
    } catch (cause) {
      throw publishError(last.subject, last.id, cause);
    }
    await this.publish(last.subject, last.id, last.payload, last.headers);
  }

  /**
   * Asks a service over core request/reply and resolves to the parsed JSON answer.
   * @throws NobodyAnswers, RequestTimedOut, RequestRefused when the answer is an error, RequestFailed otherwise
   */
  async request(subject: string, payload: Payload = {}, timeoutMs = 5_000): Promise<unknown> {
    const traced = withTrace(NO_HEADERS);
    let text: string;
    if (!this.connected) await this.online(timeoutMs);
    try {
      text = (await this.connection.request(subject, encodePayload(payload), { timeout: timeoutMs, ...(traced !== NO_HEADERS && { headers: toNatsHeaders(traced) }) })).string();
    } catch (cause) {
      if (isCausedBy(cause, natsErrors.NoRespondersError)) throw new NobodyAnswers(subject, serviceBehind(subject), cause);
      if (cause instanceof natsErrors.TimeoutError) throw new RequestTimedOut(subject, serviceBehind(subject), timeoutMs, cause);
      throw new RequestFailed(subject, messageOf(cause), cause);
    }
    return readReply(subject, text);
  }

  /**
   * Asks JetStream what may be asked twice. The client loses a question that it is given while it connects again, so one whose connection was lost, or that nobody answered, is asked again, twice at most.
   */
  async asking<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (!this.connected) await this.online(ACKNOWLEDGE_WITHIN_MS);
      try {
        return await this.unlessLost(ask());
      } catch (error) {
        if (attempt === ASKED_AT_MOST || !(error instanceof LostUnderWay || isCausedBy(error, natsErrors.TimeoutError))) throw error;
      }
    }
  }

  /** Says something to whoever listens now, without storing or acknowledging it. */
  announce(subject: string, payload: Payload = {}, headers: Headers = {}): void {
    this.connection.publish(subject, encodePayload(payload), { headers: toNatsHeaders(headers) });
  }

  /** Hears what is announced on a subject, which may hold wildcards, as long as there is a connection. @returns what ends it */
  listen(subject: string, hear: (subject: string) => void): () => void {
    const subscription = this.connection.subscribe(subject, { callback: (error, message) => (error ? undefined : hear(message.subject)) });
    return () => subscription.unsubscribe();
  }

  /** Whether there is a connection right now, as far as the client knows. */
  isConnected(): boolean {
    return this.connected && !this.closed;
  }

  /** Hears each time that the connection is lost, and each time that it is there again. @returns what ends it */
  onChange(hear: () => void): () => void {
    this.watchers.add(hear);
    return () => void this.watchers.delete(hear);
  }

  /**
   * Resolves when there is a connection, or the time is over, or the bus is closed. What is sent without one is thrown away by the
   * client at its next attempt to connect, so whatever matters waits here first.
   */
  async online(withinMs?: number): Promise<void> {
    if (withinMs === undefined) return this.back;
    const timeout = new AbortController();
    await Promise.race([this.back, delay(withinMs, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
  }

  /** For health checks; never rejects and takes at most two seconds. */
  async status(): Promise<BusStatus> {
    const { reconnects } = this;
    if (!this.connected || this.closed) return { connected: false, reconnects };
    const roundTripMs = await Promise.race([this.connection.rtt().catch(() => undefined), delay(2_000, undefined, { ref: false })]);
    return roundTripMs === undefined ? { connected: false, reconnects } : { connected: true, server: this.connection.getServer(), roundTripMs, reconnects };
  }

  /** Sends what is buffered and closes. Bounded: a server that is away can not hold up the exit. */
  async close(): Promise<void> {
    if (this.closed) return;
    const drained = this.connection.drain().catch((error: unknown) => this.log.warn({ error: messageOf(error) }, 'NATS could not be drained'));
    await Promise.race([drained, delay(this.connected ? 5_000 : 100, undefined, { ref: false })]);
    await this.connection.close();
  }

  /** An acknowledgement dies with its connection: the publisher is told at once instead of at the timeout. */
  private unlessLost<T>(acknowledged: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.awaitingAck.add(reject);
      acknowledged.then(resolve, reject).finally(() => this.awaitingAck.delete(reject));
    });
  }

  /** One line when the connection is lost and one when it is back, however many attempts lie between. */
  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' && this.connected) {
        this.connected = false;
        this.back = new Promise((resolve) => (this.comeBack = resolve));
        for (const reject of this.awaitingAck) reject(new LostUnderWay());
        if (!this.connection.isDraining() && !this.closed) this.log.warn({ server: status.server }, 'lost the connection to NATS, reconnecting');
        this.tell();
      } else if (status.type === 'reconnect') {
        this.connected = true;
        this.comeBack();
        this.reconnects++;
        this.log.info({ server: status.server }, 'connected to NATS again');
        this.tell();
      } else if (status.type === 'error' && status.error.message !== this.lastError) {
        this.lastError = status.error.message;
        this.log.warn({ error: this.lastError }, 'NATS reported an error');
      } else if (status.type === 'slowConsumer') {
        this.log.warn({ subject: status.sub.getSubject(), pending: status.pending }, 'NATS messages arrive faster than they are handled');
      }
    }
    // The connection is closed for good: nobody need wait for it.
    this.comeBack();
  }

  private tell(): void {
    for (const hear of this.watchers) hear();
  }
}

function publishError(subject: string, id: string, cause: unknown): PublishFailed {
  if (isCausedBy(cause, natsErrors.NoRespondersError)) return new NoStreamForSubject(subject, id, cause);
  if (cause instanceof natsErrors.TimeoutError) return new PublishTimedOut(subject, id, ACKNOWLEDGE_WITHIN_MS, cause);
  return new PublishFailed(subject, id, messageOf(cause), cause);
}

/** Subjects begin with the service that answers them, but for runs and schedules, which the scheduler keeps. */
function serviceBehind(subject: string): string {
  const [first = subject] = subject.split('.');
  return first === 'run' || first === 'schedule' ? 'scheduler' : first;
}

function readReply(subject: string, text: string): unknown {
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch (cause) {
    throw new RequestFailed(subject, 'the answer is not JSON', cause);
  }
  const refusal = (reply as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  if (typeof refusal?.code === 'string') throw new RequestRefused(refusal.code, String(refusal.message));
  return reply;
}

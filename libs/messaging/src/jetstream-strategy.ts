/**
 * How Nest handlers meet the bus: `@EventPattern` on a stream's subject becomes a durable pull consumer, `@MessagePattern` a
 * request/reply endpoint. Nest offers no JetStream and hides the errors of event handlers, so this takes the handlers and settles itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@nestjs/microservices';
import type { BaseRpcContext, CustomTransportStrategy, MessageHandler, ReadPacket } from '@nestjs/microservices';
import type { MessageType } from '@carillon/shared';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from './bus.js';
import type { DeadLetters } from './dead-letters.js';
import type { DeliveryContext } from './delivery-context.js';
import { DurableConsumer } from './durable-consumer.js';
import { HandlersDoNotMatch, messageOf } from './errors.js';
import { assertHandlers } from './handlers.js';
import type { RegisteredHandler } from './handlers.js';
import { RequestEndpoint } from './request-endpoint.js';
import { settle } from './settle.js';
import { ensureStreams, STREAMS, streamOf } from './streams.js';
import type { StreamDefinition } from './streams.js';
import { DEFAULT_POLICY } from './verdict.js';
import type { DeliveryPolicy } from './verdict.js';

export interface JetStreamStrategyOptions {
  bus: Bus;
  deadLetters: DeadLetters;
  /** Refuse to start unless each of these has exactly one handler. */
  mustHandle?: readonly MessageType[];
  /** The concrete subjects of each work pattern with wildcards: `{ [StepDue.subject]: ['step.deliberation.cluster', …] }`. */
  subjects?: Readonly<Record<string, readonly string[]>>;
  /** Messages of one subject handled at once; default 8. A pattern may have its own number. */
  concurrency?: number | Readonly<Record<string, number>>;
  /** Requests of one pattern answered at once; default 64. */
  requestConcurrency?: number;
  policy?: Partial<DeliveryPolicy>;
  /** How long the server waits for a sign of life before it delivers a message to another, in milliseconds; default 30,000. */
  ackWaitMs?: number;
  /** Streams that are made at boot besides those that the handlers read: those that this service publishes to. */
  alsoStreams?: readonly StreamDefinition[];
  /** How long closing waits for handlers, in milliseconds; default 10,000. */
  graceMs?: number;
  /** Uniform in [0, 1), for the jitter of pauses. */
  random?: () => number;
}

const DEFAULT_CONCURRENCY = 8;

export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  /** Ours are settled by `settle`, so Nest need not log them. */
  override readonly propagatesEventHandlerErrors = true;
  /** Every registration in order, doubled patterns too, which Nest's own map can not tell. */
  readonly handlers: RegisteredHandler[] = [];
  private readonly shutdown = new AbortController();
  private endpoints: RequestEndpoint[] = [];
  private consumers: DurableConsumer[] = [];

  constructor(private readonly options: JetStreamStrategyOptions) {
    super();
  }

  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras: Record<string, unknown> = {}): void {
    super.addHandler(pattern, callback, isEventHandler, extras);
    this.handlers.push({ pattern: String(pattern), isEvent: isEventHandler });
  }

  /** Requests first: a step that asks its own service must find it listening. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const { bus, mustHandle = [], alsoStreams = [] } = this.options;
      assertHandlers(this, mustHandle);
      const plans = this.plans();
      const denied = await ensureStreams(bus, STREAMS.filter((stream) => alsoStreams.includes(stream) || plans.some((plan) => plan.stream === stream.name)));
      if (denied.length > 0) bus.log.warn({ streams: denied }, 'may not make these streams, relying on another service for them');
      this.endpoints = this.handlers.filter(({ isEvent }) => !isEvent).map(({ pattern }) => this.endpoint(pattern));
      this.consumers = plans.map(({ pattern, subject, stream }) => this.consumer(pattern, subject, stream));
      for (const consumer of this.consumers) await consumer.ensure();
      for (const endpoint of this.endpoints) endpoint.start();
      await bus.connection.flush();
      for (const consumer of this.consumers) consumer.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Stops pulling, lets handlers finish within the grace time, and returns the rest to the queue. The bus stays open: its owner closes it. */
  async close(): Promise<void> {
    const { bus, graceMs = 10_000 } = this.options;
    if (this.shutdown.signal.aborted) return;
    this.shutdown.abort();
    const timeout = new AbortController();
    const stopped = Promise.all([...this.consumers.map(async (consumer) => (await consumer.stop(), consumer.drained())), ...this.endpoints.map((endpoint) => endpoint.drained())]);
    const late = delay(graceMs, 'late', { signal: timeout.signal }).catch(() => undefined);
    if ((await Promise.race([stopped, late])) === 'late') {
      const abandoned = this.consumers.reduce((sum, consumer) => sum + consumer.abandon(), 0);
      bus.log.warn({ abandoned, graceMs }, 'handlers did not finish in time, their messages go back to the queue');
    }
    timeout.abort();
    // Settlements must leave the process before it exits; a server that is away can not be waited for.
    if (!bus.closed) await Promise.race([bus.connection.flush().catch(() => undefined), delay(1_000, undefined, { ref: false })]);
  }

  /** Unlike Nest's, resolves when the handler has finished and rejects with its own error. */
  override async handleEvent(pattern: string, packet: ReadPacket, context: BaseRpcContext): Promise<unknown> {
    const handler = this.messageHandlers.get(pattern);
    if (!handler) throw new Error(`No handler for ${pattern}`);
    const result: unknown = await handler(packet.data, context);
    return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
  }

  /** Connection events are logged by the bus. */
  on(): void {
    throw new Error('JetStreamStrategy emits no events: ask bus.status()');
  }

  unwrap<T>(): T {
    return this.options.bus as T;
  }

  /** Every event pattern as the concrete subjects that it consumes. @throws HandlersDoNotMatch for patterns that no stream can serve. */
  private plans(): { pattern: string; subject: string; stream: string }[] {
    const problems: string[] = [];
    const plans = this.handlers.flatMap(({ pattern, isEvent }) => {
      const stream = streamOf(pattern);
      if (!isEvent) {
        if (stream) problems.push(`${pattern} is stored in ${stream.name}, so it has no reply: use @EventPattern`);
        return [];
      }
      if (!stream) {
        problems.push(`${pattern} is in no stream, so its events would be lost: use @MessagePattern or add the subject to a stream`);
        return [];
      }
      const subjects = this.options.subjects?.[pattern] ?? [pattern];
      for (const subject of subjects) {
        if (stream.retention === 'workqueue' && /[*>]/.test(subject)) problems.push(`${subject} is work, and a work queue needs whole subjects: list them in the option subjects["${pattern}"]`);
        if (streamOf(subject) !== stream) problems.push(`${subject}, listed for ${pattern}, is not in ${stream.name}`);
      }
      return subjects.map((subject) => ({ pattern, subject, stream: stream.name }));
    });
    if (problems.length > 0) throw new HandlersDoNotMatch(problems);
    return plans;
  }

  private endpoint(pattern: string): RequestEndpoint {
    const { bus, deadLetters, requestConcurrency = 64 } = this.options;
    const handle = (data: object, context: DeliveryContext): Promise<unknown> => this.handleEvent(pattern, { pattern, data }, context);
    return new RequestEndpoint({ subject: pattern, concurrency: requestConcurrency, handle }, bus, deadLetters, this.shutdown.signal);
  }

  private consumer(pattern: string, subject: string, stream: string): DurableConsumer {
    const { bus, deadLetters, concurrency, ackWaitMs = 30_000, random = Math.random } = this.options;
    const policy = { ...DEFAULT_POLICY, ...this.options.policy };
    const atOnce = typeof concurrency === 'object' ? concurrency[pattern] : concurrency;
    const handle = (data: object, context: DeliveryContext): Promise<unknown> => this.handleEvent(pattern, { pattern, data }, context);
    const rules = { service: bus.service, ackWaitMs, policy, deadLetters, signal: this.shutdown.signal, online: () => bus.online(), log: bus.log, random };
    return new DurableConsumer({ stream, name: consumerName(bus.service, subject), filter: subject, ackWaitMs, concurrency: atOnce ?? DEFAULT_CONCURRENCY }, bus, (message, isCurrent) =>
      settle(message, handle, { ...rules, isCurrent }).catch((error: unknown) => bus.log.error({ subject: message.subject, error: messageOf(error) }, 'a message could not be settled')),
    );
  }
}

/** A consumer's name may hold neither dots nor wildcards; "+" can not occur in a subject's names, so no two subjects share one. */
export function consumerName(service: string, subject: string): string {
  return `${service}+${subject.replaceAll('.', '+').replaceAll('*', 'ANY').replaceAll('>', 'ALL')}`;
}

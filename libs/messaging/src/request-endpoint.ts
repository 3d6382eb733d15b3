/**
 * One request or command subject: core request/reply in the service's queue group, so that one replica answers. Nothing is kept by the
 * bus here; whoever asked hears "no" with a reason, and input that nobody can read is kept as a dead letter.
 */
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Bus } from './bus.js';
import { deadLetterOf } from './dead-letter-of.js';
import type { DeadLetters } from './dead-letters.js';
import { DeliveryContext } from './delivery-context.js';
import { InvalidMessage, RequestRefused, UndecodableMessage, messageOf } from './errors.js';
import { fromNatsHeaders } from './headers.js';
import { decodeMessage } from './payload.js';
import { asAnswer } from './trace-headers.js';

export interface EndpointPlan {
  /** May hold wildcards. */
  subject: string;
  /** How many requests are answered at once; the rest wait in order. */
  concurrency: number;
  handle: (data: object, context: DeliveryContext) => Promise<unknown>;
}

export class RequestEndpoint {
  private subscription: Subscription | undefined;
  private answering: Promise<void> | undefined;
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    private readonly plan: EndpointPlan,
    private readonly bus: Bus,
    private readonly deadLetters: DeadLetters,
    private readonly signal: AbortSignal,
  ) {}

  start(): void {
    this.subscription = this.bus.connection.subscribe(this.plan.subject, { queue: this.bus.service });
    this.answering = this.answer(this.subscription);
  }

  /** Takes no more requests and resolves when those taken are answered. */
  async drained(): Promise<void> {
    if (this.subscription && !this.subscription.isClosed() && !this.bus.closed) await this.subscription.drain();
    await this.answering;
    await Promise.all(this.inFlight);
  }

  private async answer(subscription: Subscription): Promise<void> {
    for await (const request of subscription) {
      const answered = this.reply(request).finally(() => this.inFlight.delete(answered));
      this.inFlight.add(answered);
      if (this.inFlight.size >= this.plan.concurrency) await Promise.race(this.inFlight);
    }
  }

  /** Never rejects. */
  private async reply(request: Msg): Promise<void> {
    const headers = fromNatsHeaders(request.headers);
    const context = new DeliveryContext({ subject: request.subject, messageId: headers['Nats-Msg-Id'], deliveryCount: 1, headers, signal: this.signal });
    try {
      const data = decodeMessage(request.data);
      const answer = await asAnswer(context, () => this.plan.handle(data, context));
      request.respond(JSON.stringify(answer ?? {}));
    } catch (error) {
      this.refuse(request, this.refusal(request, error));
      if (isMalformed(error)) await this.keep(request, context, error);
    }
  }

  /** What the asker is told. Only errors meant for it are quoted: others may hold queries, addresses or texts. */
  private refusal(request: Msg, error: unknown): { code: string; message: string } {
    if (isMalformed(error) || error instanceof RequestRefused) return { code: error.code, message: error.message };
    this.bus.log.error({ subject: request.subject, err: error }, 'a request failed');
    return { code: 'internal', message: `${this.bus.service} failed to answer ${request.subject}; its log says why.` };
  }

  private refuse(request: Msg, error: { code: string; message: string }): void {
    try {
      request.respond(JSON.stringify({ error }));
    } catch (cause) {
      this.bus.log.error({ subject: request.subject, error: messageOf(cause) }, 'an answer could not be sent');
    }
  }

  private async keep(request: Msg, context: DeliveryContext, error: UndecodableMessage | InvalidMessage): Promise<void> {
    const reason = error instanceof InvalidMessage ? 'invalid' : 'undecodable';
    try {
      await this.deadLetters.write(deadLetterOf(request.data, context, this.bus.service, reason, error));
    } catch (cause) {
      // There is no redelivery to fall back on: the log is the last place.
      this.bus.log.error({ subject: request.subject, bytes: request.data.length, reason, err: cause }, 'the dead letter of a request could not be written');
    }
  }
}

function isMalformed(error: unknown): error is UndecodableMessage | InvalidMessage {
  return error instanceof UndecodableMessage || error instanceof InvalidMessage;
}

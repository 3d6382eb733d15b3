/**
 * How a trace travels on the bus: as the W3C header `traceparent`. Only the OpenTelemetry API is used here, which does nothing until a process
 * starts an SDK; then each handled message is a span below the one that sent it.
 */
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { DeliveryContext } from './delivery-context.js';
import type { Headers } from './headers.js';

const tracer = trace.getTracer('carillon.messaging');

/** The headers with the span that is active now, unless they name a trace already: a promised message keeps the one it was promised in. */
export function withTrace(headers: Headers): Headers {
  if (trace.getActiveSpan() === undefined || 'traceparent' in headers) return headers;
  const traced = { ...headers };
  propagation.inject(context.active(), traced);
  return traced;
}

/** Handles a streamed message as a span of its sender's trace. One that belongs to no trace begins none: most nudges find nothing to do. */
export function asDelivery<T>(delivery: DeliveryContext, handle: () => Promise<T>): Promise<T> {
  if (!('traceparent' in delivery.headers)) return handle();
  return spanned(`receive ${delivery.subject}`, SpanKind.CONSUMER, delivery, { 'messaging.message.delivery_count': delivery.deliveryCount }, handle);
}

/** Answers a request as a span, which begins a trace when the asker had none. */
export function asAnswer<T>(delivery: DeliveryContext, handle: () => Promise<T>): Promise<T> {
  return spanned(`answer ${delivery.subject}`, SpanKind.SERVER, delivery, {}, handle);
}

function spanned<T>(name: string, kind: SpanKind, { subject, messageId, headers }: DeliveryContext, more: Record<string, number>, handle: () => Promise<T>): Promise<T> {
  const parent: Context = propagation.extract(context.active(), headers);
  const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': subject, ...(messageId !== undefined && { 'messaging.message.id': messageId }), ...more };
  return tracer.startActiveSpan(name, { kind, attributes }, parent, async (span) => {
    try {
      return await handle();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'thrown' });
      throw error;
    } finally {
      span.end();
    }
  });
}

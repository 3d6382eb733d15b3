/** How a dead letter is filled, the same for streamed messages and for requests. */
import type { DeadLetter, DeadLetterReason } from './dead-letters.js';
import type { DeliveryContext } from './delivery-context.js';
import { messageOf } from './errors.js';
import { storable, textOf } from './payload.js';

export function deadLetterOf(payload: Uint8Array, context: DeliveryContext, service: string, reason: DeadLetterReason, error: unknown): DeadLetter {
  const { subject, messageId, headers, deliveryCount } = context;
  return {
    subject: storable(subject),
    payload: textOf(payload) ?? Buffer.from(payload),
    headers,
    reason,
    error: withCauses(error),
    deliveries: deliveryCount,
    service,
    ...(messageId === undefined ? {} : { messageId }),
  };
}

function withCauses(error: unknown): string {
  const links: string[] = [];
  for (let link = error; link !== undefined && links.length < 5; link = link instanceof Error ? link.cause : undefined) {
    links.push(link instanceof Error ? `${link.name}: ${messageOf(link)}` : messageOf(link));
  }
  return storable(links.join('\ncaused by '));
}

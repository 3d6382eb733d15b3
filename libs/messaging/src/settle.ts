/**
 * One delivery from arrival to settlement: kept alive while it is handled, acknowledged only after the handler has committed, and never
 * lost on the way to the dead letters.
 */
import type { JsMsg } from '@nats-io/jetstream';
import type { Log } from './bus.js';
import type { DeadLetters } from './dead-letters.js';
import { deadLetterOf } from './dead-letter-of.js';
import { DeliveryContext } from './delivery-context.js';
import { messageOf } from './errors.js';
import { fromNatsHeaders } from './headers.js';
import { decodeMessage } from './payload.js';
import { asDelivery } from './trace-headers.js';
import { pauseAfter, verdictBefore, verdictOn } from './verdict.js';
import type { DeliveryPolicy, Outcome, Verdict } from './verdict.js';

export interface SettleRules {
  service: string;
  ackWaitMs: number;
  policy: DeliveryPolicy;
  deadLetters: DeadLetters;
  /** Resolves when the server can be told: what is said to a lost connection is lost too. */
  online: () => Promise<void>;
  /** Aborts at shutdown. */
  signal: AbortSignal;
  log: Log;
  random: () => number;
  /** False once the stream behind the delivery is gone: its acknowledgement would hit another message of the new stream. */
  isCurrent: () => boolean;
}

/** Handles and settles the message; never rejects. */
export async function settle(message: JsMsg, handle: (data: object, context: DeliveryContext) => Promise<unknown>, rules: SettleRules): Promise<void> {
  const context = contextOf(message, rules.signal);
  const heartbeat = setInterval(() => say(message, rules, () => message.working()), rules.ackWaitMs / 3);
  try {
    const verdict = verdictBefore(context.deliveryCount, rules.policy) ?? (await decide(message, handle, context, rules));
    await carryOut(verdict, message, context, rules);
  } finally {
    clearInterval(heartbeat);
  }
}

async function decide(message: JsMsg, handle: (data: object, context: DeliveryContext) => Promise<unknown>, context: DeliveryContext, rules: SettleRules): Promise<Verdict> {
  let outcome: Outcome;
  try {
    const data = decodeMessage(message.data);
    outcome = { kind: 'returned', value: await asDelivery(context, () => handle(data, context)) };
  } catch (error) {
    outcome = { kind: 'threw', error };
  }
  return verdictOn(outcome, context.deliveryCount, rules.policy, rules.signal.aborted, rules.random());
}

async function carryOut(verdict: Verdict, message: JsMsg, context: DeliveryContext, rules: SettleRules): Promise<void> {
  const { subject, messageId, deliveryCount } = context;
  const fields = { subject, messageId, deliveryCount };
  switch (verdict.kind) {
    case 'acknowledge':
      return tell(message, rules, () => message.ack());
    case 'redeliver':
      if ('error' in verdict) rules.log.warn({ ...fields, afterMs: verdict.afterMs, err: verdict.error }, 'handling a message failed, it will be delivered again');
      else rules.log.info({ ...fields, afterMs: verdict.afterMs }, 'message was put off');
      return tell(message, rules, () => message.nak(verdict.afterMs));
    case 'giveUp':
      try {
        await rules.deadLetters.write(deadLetterOf(message.data, context, rules.service, verdict.reason, verdict.error));
      } catch (error) {
        rules.log.error({ ...fields, err: error }, 'the dead letter could not be written, the message stays on the bus');
        return tell(message, rules, () => message.nak(pauseAfter(deliveryCount, rules.policy, rules.random())));
      }
      rules.log.warn({ ...fields, reason: verdict.reason, err: verdict.error }, 'message became a dead letter');
      return tell(message, rules, () => message.term());
  }
}

async function tell(message: JsMsg, rules: SettleRules, verdict: () => void): Promise<void> {
  await rules.online();
  say(message, rules, verdict);
}

/** What does not arrive costs one more delivery, which every handler must bear anyway. */
function say(message: JsMsg, rules: SettleRules, signal: () => void): void {
  if (!rules.isCurrent()) return;
  try {
    signal();
  } catch (error) {
    rules.log.warn({ subject: message.subject, error: messageOf(error) }, 'NATS was not told about a settled message and will deliver it again');
  }
}

function contextOf(message: JsMsg, signal: AbortSignal): DeliveryContext {
  const headers = fromNatsHeaders(message.headers);
  const { stream, streamSequence, timestampNanos, deliveryCount } = message.info;
  // A stream that was lost and made again counts from 1 again, so the number alone is no name.
  const storedAs = `${stream}.${streamSequence}.${timestampNanos}`;
  return new DeliveryContext({ subject: message.subject, messageId: headers['Nats-Msg-Id'], storedAs, deliveryCount, headers, signal });
}

/** What the ledger records after an attempt to send. Decided without doing it: which failures are tried again, and when nobody knows. */
import { backoff } from '@carillon/engine';
import type { RetryPolicy } from '@carillon/engine';
import type { Delivery } from '@carillon/persistence';
import type { Failure, Sent } from './channel.js';

export interface AttemptState {
  /** The text as it was rendered. */
  text: string;
  /** This attempt included. */
  attempts: number;
  /** When failed attempts come again, and after how many none does. */
  retry: RetryPolicy;
  /** Uniform in [0, 1). */
  random: number;
}

export function deliveryAfter(sent: Sent, { text, attempts, retry, random }: AttemptState): Delivery {
  switch (sent.kind) {
    case 'sent':
      return { status: 'sent', text, providerMessageId: sent.messageIds.join(',') };
    case 'put-back':
      return { status: 'queued', retryAfterMs: sent.retryAfterMs };
    case 'failed':
      if (sent.messageIds.length > 0) return { status: 'uncertain', error: halfSent(sent), text };
      return afterFailure(sent.failure, { text, attempts, retry, random });
  }
}

function afterFailure(failure: Failure, { text, attempts, retry, random }: AttemptState): Delivery {
  const { kind, reason } = failure;
  switch (kind) {
    case 'throttled':
      return { status: 'failed', error: reason, retryAfterMs: failure.retryAfterMs, attemptCounts: false };
    case 'misconfigured':
      return { status: 'failed', error: reason, retryAfterMs: Math.min(retry.capMs, MISCONFIGURED_WAIT_MS), attemptCounts: false };
    case 'refused':
    case 'gone':
      return { status: 'dead', error: reason, text };
    case 'unknown':
      return { status: 'uncertain', error: reason, text };
    case 'transient':
      if (attempts >= retry.maxAttempts) return { status: 'dead', error: `given up after ${attempts} attempts: ${reason}`, text };
      return { status: 'failed', error: reason, retryAfterMs: backoff(retry, attempts, random) };
  }
}

/** An operator is mending the token meanwhile; no notice should die of it. */
const MISCONFIGURED_WAIT_MS = 60_000;

/** Sending the whole notice again would repeat what arrived, so a person decides. */
function halfSent({ failure, messageIds, parts }: Extract<Sent, { kind: 'failed' }>): string {
  return `${messageIds.length} of ${parts} parts were delivered (message ${messageIds.join(', ')}), then: ${failure.reason}. The rest was not sent; nothing is sent again by itself`;
}

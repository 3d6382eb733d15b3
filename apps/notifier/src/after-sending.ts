/** What the ledger records after an attempt to send. Decided without doing it: which failures are tried again, and when nobody knows. */
import { backoff } from '@carillon/engine';
import type { RetryPolicy } from '@carillon/engine';
import type { Delivery, Pause } from '@carillon/persistence';
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
  /** When nobody knows whether it arrived it goes out once more, marked. */
  repeats?: boolean;
}

export function deliveryAfter(sent: Sent, state: AttemptState): Delivery {
  const { text } = state;
  switch (sent.kind) {
    case 'sent':
      return { status: 'sent', text, providerMessageId: sent.messageIds.join(',') };
    case 'put-back':
      return { status: 'queued', retryAfterMs: 0 };
    case 'failed':
      if (sent.messageIds.length > 0) return { status: 'uncertain', error: halfSent(sent), text };
      return afterFailure(sent.failure, state);
  }
}

/** How long the address is left alone: as after every message, and as long as the channel asked for. */
export function pauseAfter(sent: Sent, usual: Omit<Pause, 'messages'>): Pause {
  if (sent.kind === 'put-back') return NO_PAUSE;
  const unknown = sent.kind === 'failed' && sent.failure.kind === 'unknown' ? 1 : 0;
  const asked = sent.kind === 'failed' && sent.failure.kind === 'throttled' ? sent.failure.retryAfterMs : 0;
  const messages = sent.messageIds.length + unknown;
  return { ...usual, messages, pauseMs: Math.max(asked, messages > 0 ? usual.pauseMs : 0) };
}

export const NO_PAUSE: Pause = { messages: 0, pauseMs: 0 };

function afterFailure(failure: Failure, { text, attempts, retry, random, repeats = false }: AttemptState): Delivery {
  const { kind, reason } = failure;
  switch (kind) {
    case 'throttled':
      return { status: 'failed', error: reason, retryAfterMs: failure.retryAfterMs, attemptCounts: false };
    case 'misconfigured':
      return { status: 'failed', error: reason, retryAfterMs: Math.min(retry.capMs, MISCONFIGURED_WAIT_MS), attemptCounts: false };
    case 'refused':
      return { status: 'dead', error: reason, text };
    case 'gone':
      return { status: 'undeliverable', error: reason, text, closes: true };
    case 'unknown':
      if (repeats) return { status: 'queued', retryAfterMs: backoff(retry, attempts, random), possiblyRepeated: true, error: reason };
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

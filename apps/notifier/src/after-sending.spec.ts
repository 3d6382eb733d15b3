import { describe, expect, it } from '@jest/globals';
import { deliveryAfter } from './after-sending.js';
import type { Failure, Sent } from './channel.js';

const retry = { maxAttempts: 3, baseMs: 1_000, capMs: 300_000, jitter: 0 };
const failed = (failure: Failure, messageIds: string[] = []): Sent => ({ kind: 'failed', failure, messageIds, parts: 3 });
const recorded = (sent: Sent, attempts = 1) => deliveryAfter(sent, { text: 'Hello', attempts, retry, random: 0 });

describe('the ledger records', () => {
  it.each<[string, Sent, number, object]>([
    ['a delivery with the ids of all its parts', { kind: 'sent', messageIds: ['7', '8'] }, 1, { status: 'sent', text: 'Hello', providerMessageId: '7,8' }],
    ['a notice put back untried as queued', { kind: 'put-back', retryAfterMs: 900 }, 1, { status: 'queued', retryAfterMs: 900 }],
    ['being asked to wait as no attempt', failed({ kind: 'throttled', reason: '429', retryAfterMs: 37_000 }), 99, { status: 'failed', error: '429', retryAfterMs: 37_000, attemptCounts: false }],
    ['a wrong token as nothing that a notice dies of', failed({ kind: 'misconfigured', reason: '401' }), 99, { status: 'failed', error: '401', retryAfterMs: 60_000, attemptCounts: false }],
    ['a first failure with a pause', failed({ kind: 'transient', reason: '500' }), 1, { status: 'failed', error: '500', retryAfterMs: 1_000 }],
    ['a second with twice that', failed({ kind: 'transient', reason: '500' }), 2, { status: 'failed', error: '500', retryAfterMs: 2_000 }],
    ['the last as dead', failed({ kind: 'transient', reason: '500' }), 3, { status: 'dead', text: 'Hello', error: 'given up after 3 attempts: 500' }],
    ['a refusal as dead at once', failed({ kind: 'refused', reason: '403' }), 1, { status: 'dead', text: 'Hello', error: '403' }],
    ['no answer as uncertain', failed({ kind: 'unknown', reason: 'silence' }), 1, { status: 'uncertain', text: 'Hello', error: 'silence' }],
  ])('%s', (_name, sent, attempts, delivery) => {
    expect(recorded(sent, attempts)).toEqual(delivery);
  });

  it.each<Failure>([{ kind: 'transient', reason: '500' }, { kind: 'throttled', reason: '429', retryAfterMs: 1 }, { kind: 'refused', reason: '403' }, { kind: 'unknown', reason: 'silence' }, { kind: 'misconfigured', reason: '401' }])(
    'half a notice as uncertain, naming what arrived, after $kind',
    (failure) => {
      expect(recorded(failed(failure, ['7', '8']))).toEqual({ status: 'uncertain', text: 'Hello', error: expect.stringMatching(new RegExp(`^2 of 3 parts were delivered \\(message 7, 8\\), then: ${failure.reason}\\.`)) });
    },
  );
});

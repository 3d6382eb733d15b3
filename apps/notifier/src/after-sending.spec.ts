import { describe, expect, it } from '@jest/globals';
import { deliveryAfter, NO_PAUSE, pauseAfter } from './after-sending.js';
import type { Failure, Sent } from './channel.js';

const retry = { maxAttempts: 3, baseMs: 1_000, capMs: 300_000, jitter: 0 };
const failed = (failure: Failure, messageIds: string[] = []): Sent => ({ kind: 'failed', failure, messageIds, parts: 3 });
const recorded = (sent: Sent, attempts = 1, repeats = false) => deliveryAfter(sent, { text: 'Hello', attempts, retry, random: 0, repeats });

describe('the ledger records', () => {
  it.each<[string, Sent, number, object]>([
    ['a delivery with the ids of all its parts', { kind: 'sent', messageIds: ['7', '8'] }, 1, { status: 'sent', text: 'Hello', providerMessageId: '7,8' }],
    ['a notice put back untried as queued', { kind: 'put-back' }, 1, { status: 'queued', retryAfterMs: 0 }],
    ['being asked to wait as no attempt', failed({ kind: 'throttled', reason: '429', retryAfterMs: 37_000 }), 99, { status: 'failed', error: '429', retryAfterMs: 37_000, attemptCounts: false }],
    ['a wrong token as nothing that a notice dies of', failed({ kind: 'misconfigured', reason: '401' }), 99, { status: 'failed', error: '401', retryAfterMs: 60_000, attemptCounts: false }],
    ['a first failure with a pause', failed({ kind: 'transient', reason: '500' }), 1, { status: 'failed', error: '500', retryAfterMs: 1_000 }],
    ['a second with twice that', failed({ kind: 'transient', reason: '500' }), 2, { status: 'failed', error: '500', retryAfterMs: 2_000 }],
    ['the last as dead', failed({ kind: 'transient', reason: '500' }), 3, { status: 'dead', text: 'Hello', error: 'given up after 3 attempts: 500' }],
    ['a refusal as dead at once', failed({ kind: 'refused', reason: '403' }), 1, { status: 'dead', text: 'Hello', error: '403' }],
    ['nobody being there as undeliverable, and the address as closed', failed({ kind: 'gone', reason: '403' }), 1, { status: 'undeliverable', text: 'Hello', error: '403', closes: true }],
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

  it('no answer as one more attempt, marked, where that is the policy, but never for half a notice', () => {
    expect(recorded(failed({ kind: 'unknown', reason: 'silence' }), 2, true)).toEqual({ status: 'queued', retryAfterMs: 2_000, possiblyRepeated: true, error: 'silence' });
    expect(recorded(failed({ kind: 'unknown', reason: 'silence' }, ['7']), 1, true)).toMatchObject({ status: 'uncertain' });
    expect(recorded(failed({ kind: 'refused', reason: '400' }), 1, true)).toMatchObject({ status: 'dead' });
  });
});

describe('an address is left alone', () => {
  const usual = { pauseMs: 1_000, window: { most: 20, ms: 60_000 } };
  it.each<[string, Sent, object]>([
    ['after each message', { kind: 'sent', messageIds: ['7', '8'] }, { ...usual, messages: 2 }],
    ['after what may have arrived', failed({ kind: 'unknown', reason: 'silence' }), { ...usual, messages: 1 }],
    ['for as long as the channel asks', failed({ kind: 'throttled', reason: '429', retryAfterMs: 37_000 }), { ...usual, messages: 0, pauseMs: 37_000 }],
    ['not at all when nothing went there', failed({ kind: 'refused', reason: '400' }), { ...usual, messages: 0, pauseMs: 0 }],
    ['not at all when nothing was tried', { kind: 'put-back' }, NO_PAUSE],
  ])('%s', (_name, sent, pause) => expect(pauseAfter(sent, usual)).toEqual(pause));
});

import { describe, expect, it } from '@jest/globals';
import { GrammyError, HttpError } from 'grammy';
import { GatewayAnswered } from './bot-api.js';
import { failureOf } from './failure.js';

const said = (error_code: number, description: string, parameters = {}): GrammyError => new GrammyError('Call to sendMessage failed!', { ok: false, error_code, description, parameters }, 'sendMessage', {});
const network = (cause: unknown): HttpError => new HttpError('Network request for sendMessage failed!', cause);
const fetchFailed = (cause: unknown): HttpError => network(new TypeError('fetch failed', { cause }));
const system = (code: string, syscall?: string): Error => Object.assign(new Error(code), { code, syscall });

describe('a failed request means', () => {
  it.each([
    ['429 with a time', said(429, 'Too Many Requests: retry after 37', { retry_after: 37 }), { kind: 'throttled', retryAfterMs: 37_000 }],
    ['429 without one', said(429, 'Too Many Requests'), { kind: 'throttled', retryAfterMs: 1_000 }],
    ['500', said(500, 'Internal Server Error'), { kind: 'transient' }],
    ['502 from the Bot API', said(502, 'Bad Gateway'), { kind: 'transient' }],
    ['400 for an unknown chat', said(400, 'Bad Request: chat not found'), { kind: 'gone', reason: expect.stringContaining('Is the address right?') }],
    ['400 for markup', said(400, "Bad Request: can't parse entities"), { kind: 'refused' }],
    ['400 for a group that moved', said(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -100123 }), { kind: 'gone', reason: expect.stringContaining('-100123') }],
    ['403', said(403, 'Forbidden: bot was blocked by the user'), { kind: 'gone', reason: expect.stringContaining('blocked by the user') }],
    ['401', said(401, 'Unauthorized'), { kind: 'misconfigured', reason: expect.stringContaining('TELEGRAM_BOT_TOKEN') }],
    ['404', said(404, 'Not Found'), { kind: 'misconfigured' }],
    ['a gateway that has no Bot API behind it', network(new GatewayAnswered(502)), { kind: 'transient' }],
    ['a gateway that waited for the Bot API in vain', network(new GatewayAnswered(504)), { kind: 'unknown' }],
    ['a redirect to somewhere else', network(new GatewayAnswered(302)), { kind: 'misconfigured', reason: expect.stringContaining('TELEGRAM_API_ROOT') }],
    ['a connection refused', fetchFailed(system('ECONNREFUSED', 'connect')), { kind: 'transient', reason: expect.stringContaining('ECONNREFUSED') }],
    ['a connection refused on every address', fetchFailed(new AggregateError([system('ECONNREFUSED', 'connect'), system('ENETUNREACH', 'connect')])), { kind: 'transient' }],
    ['a name that nobody knows', fetchFailed(system('ENOTFOUND', 'getaddrinfo')), { kind: 'transient' }],
    ['no connection in time', fetchFailed(system('UND_ERR_CONNECT_TIMEOUT')), { kind: 'transient' }],
    ['a certificate that is not trusted', fetchFailed(system('SELF_SIGNED_CERT_IN_CHAIN')), { kind: 'transient' }],
    ['a connection cut after the request', fetchFailed(system('UND_ERR_SOCKET')), { kind: 'unknown' }],
    ['a reset', fetchFailed(system('ECONNRESET', 'read')), { kind: 'unknown', reason: expect.stringContaining('ECONNRESET') }],
    ['no answer in time', network(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), { kind: 'unknown', reason: expect.stringContaining('in time') }],
    ['an answer that is no JSON', network(new SyntaxError('Unexpected token')), { kind: 'unknown' }],
    ['what nobody thought of', new Error('surprise'), { kind: 'unknown' }],
    ['what is no error at all', undefined, { kind: 'unknown' }],
  ])('%s', (_name, error, failure) => {
    expect(failureOf(error)).toMatchObject(failure);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Failure } from '../channel.js';
import { failureOf } from './failure.js';

const smtp = (fields: object): Error => Object.assign(new Error('it went wrong'), fields);
const said = (responseCode: number, command: string, response = `${responseCode} no`): Error => smtp({ code: command === 'DATA' ? 'EMESSAGE' : 'EENVELOPE', responseCode, command, response });

describe('a failed letter', () => {
  it.each<[string, unknown, Failure['kind']]>([
    ['a busy mailbox', said(450, 'RCPT TO'), 'transient'],
    ['a full server after the letter', said(452, 'DATA'), 'transient'],
    ['an unknown mailbox', said(550, 'RCPT TO'), 'gone'],
    ['a mailbox that is closed', said(550, 'RCPT TO', '550 5.2.1 disabled'), 'gone'],
    ['a full mailbox', said(552, 'RCPT TO', '552 5.2.2 full'), 'refused'],
    ['a recipient that policy forbids', said(550, 'RCPT TO', '550 5.7.1 not allowed'), 'refused'],
    ['words that are refused', said(554, 'DATA'), 'refused'],
    ['a sender that is refused', said(550, 'MAIL FROM'), 'misconfigured'],
    ['a greeting that refuses us', said(554, 'CONN'), 'misconfigured'],
    ['a wrong password', smtp({ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535, response: '535 no' }), 'misconfigured'],
    ['no TLS', smtp({ code: 'ETLS', command: 'STARTTLS' }), 'misconfigured'],
    ['what is no address', smtp({ code: 'EENVELOPE', command: 'API' }), 'gone'],
    ['a name that nobody knows', smtp({ code: 'EDNS', command: 'CONN' }), 'transient'],
    ['a refused connection', smtp({ code: 'ESOCKET', originalCode: 'ECONNREFUSED', syscall: 'connect', command: 'CONN' }), 'transient'],
    ['no connection in time', smtp({ code: 'ETIMEDOUT', timeoutType: 'CONNECT_TIMEOUT', command: 'CONN' }), 'transient'],
    ['no greeting in time', smtp({ code: 'ETIMEDOUT', timeoutType: 'GREETING_TIMEOUT', command: 'CONN' }), 'transient'],
    ['silence', smtp({ code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT', command: 'CONN' }), 'unknown'],
    ['a cut connection', smtp({ code: 'ECONNECTION', command: 'CONN' }), 'unknown'],
    ['a reset', smtp({ code: 'ESOCKET', originalCode: 'ECONNRESET', syscall: 'read', command: 'CONN' }), 'unknown'],
    ['what nobody thought of', new Error('surprise'), 'unknown'],
    ['what is no error at all', undefined, 'unknown'],
  ])('%s', (_name, error, kind) => expect(failureOf(error).kind).toBe(kind));
});

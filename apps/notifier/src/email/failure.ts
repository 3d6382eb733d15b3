/** What a failed sending over SMTP means for the notice. A server that answered said it clearly; one that fell silent may have taken the letter. */
import type { Failure } from '../channel.js';

/** What nodemailer adds to its errors. */
interface SmtpError {
  code?: string;
  /** The system's own, such as ECONNREFUSED, when `code` is one of nodemailer's classes. */
  originalCode?: string;
  syscall?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  timeoutType?: string;
}

/** Reasons quote the server's answer and never a password. */
export function failureOf(thrown: unknown): Failure {
  const error: SmtpError & { message?: string } = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const { code = 'unknown error', originalCode = code, command = '', response = '', responseCode, timeoutType } = error;
  const said = `the mail server said ${response === '' ? code : response}`;
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2') return { kind: 'misconfigured', reason: `${said}. Is SMTP_URL right?` };
  if (code === 'ETLS') return { kind: 'misconfigured', reason: `no safe connection to the mail server: ${said}. Is SMTP_URL right? SMTP_REQUIRE_TLS=false allows a server without TLS` };
  if (responseCode !== undefined) return answered(responseCode, command, said, response);
  // What we could not even hand over; it would fail the same way again.
  if (code === 'EENVELOPE' || (code === 'EMESSAGE' && command === 'API')) return { kind: 'gone', reason: `this is no address that mail can be sent to: ${error.message ?? code}` };
  if (neverConnected(error)) return { kind: 'transient', reason: `the mail server could not be reached: ${timeoutType ?? originalCode}` };
  const happened = timeoutType === 'SOCKET_TIMEOUT' ? 'the mail server did not answer in time' : `the connection to the mail server broke (${originalCode})`;
  return { kind: 'unknown', reason: `${happened}, so nobody knows whether the letter arrived` };
}

/** RFC 5321 §4.2.1: 4yz may work later, 5yz will not; RFC 3463: x.1.y and x.2.1 are about the mailbox, x.7.y about policy. */
function answered(status: number, command: string, said: string, response: string): Failure {
  if (status < 500) return { kind: 'transient', reason: said };
  if (command === 'RCPT TO') {
    const enhanced = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})/.exec(response)?.[1];
    const aboutMailbox = enhanced === undefined ? [550, 551, 553].includes(status) : enhanced.startsWith('5.1.') || enhanced === '5.2.1';
    return aboutMailbox ? { kind: 'gone', reason: `${said}. Is the address right?` } : { kind: 'refused', reason: said };
  }
  if (command === 'DATA' || command === 'API') return { kind: 'refused', reason: said };
  return { kind: 'misconfigured', reason: `${said} to ${command || 'the connection'}. Are SMTP_URL and SMTP_FROM right?` };
}

/** Before the first byte of a letter: no name, no connection, no greeting. */
function neverConnected({ code, syscall, timeoutType }: SmtpError): boolean {
  return code === 'EDNS' || syscall === 'connect' || syscall === 'getaddrinfo' || timeoutType === 'CONNECT_TIMEOUT' || timeoutType === 'GREETING_TIMEOUT';
}

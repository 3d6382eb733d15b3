/** What a failed request to Telegram means for the notice: may it be sent again, when, and does anybody know whether it arrived? */
import { GrammyError, HttpError } from 'grammy';
import type { Failure } from '../channel.js';
import { codeOf, nameOf, neverConnected } from '../network.js';
import { GatewayAnswered } from './bot-api.js';

/** When Telegram says 429 without saying for how long. */
const UNNAMED_WAIT_MS = 1_000;

/** Reasons never quote the request's URL: it holds the token. */
export function failureOf(error: unknown): Failure {
  if (error instanceof GrammyError) return answered(error);
  const cause = error instanceof HttpError ? error.error : error;
  if (cause instanceof GatewayAnswered) return inBetween(cause);
  if (neverConnected(cause)) return { kind: 'transient', reason: `Telegram could not be reached: ${codeOf(cause)}` };
  if (cause instanceof SyntaxError) return { kind: 'unknown', reason: 'the answer of Telegram was not JSON, so nobody knows whether the message arrived' };
  const happened = nameOf(cause) === 'TimeoutError' ? 'Telegram did not answer in time' : `the connection to Telegram broke (${codeOf(cause)})`;
  return { kind: 'unknown', reason: `${happened}, so nobody knows whether the message arrived` };
}

/** A gateway that gave up waiting may have passed the request on; one that redirects or forbids has not, and is not where Telegram is. */
function inBetween({ status, message }: GatewayAnswered): Failure {
  if (status === 504) return { kind: 'unknown', reason: `${message}, so nobody knows whether the message arrived` };
  return status >= 500 ? { kind: 'transient', reason: message } : { kind: 'misconfigured', reason: `${message}. Is TELEGRAM_API_ROOT right?` };
}

function answered({ error_code: code, description, parameters }: GrammyError): Failure {
  const said = `Telegram said ${code}: ${description}`;
  if (code === 429) return { kind: 'throttled', reason: said, retryAfterMs: parameters.retry_after === undefined ? UNNAMED_WAIT_MS : parameters.retry_after * 1_000 };
  if (code === 401 || code === 404) return { kind: 'misconfigured', reason: `${said}. Are TELEGRAM_BOT_TOKEN and TELEGRAM_API_ROOT right?` };
  if (code >= 500) return { kind: 'transient', reason: said };
  return { kind: GONE.test(description) ? 'gone' : 'refused', reason: said + remedyFor(description, parameters.migrate_to_chat_id) };
}

/** What Telegram says of a chat that no message will reach, whatever is in it. */
const GONE = /blocked by the user|user is deactivated|chat not found|bot was kicked|group chat was deleted|group chat was upgraded|can't initiate conversation|bot is not a member/i;

function remedyFor(description: string, migratedTo: number | undefined): string {
  if (migratedTo !== undefined) return `. The group has become the supergroup ${migratedTo}: set that as its address with PUT /notices/addresses`;
  if (description.includes('chat not found')) return '. Has this person or channel ever talked to the bot, or added it? Is the address right?';
  if (description.includes('blocked by the user')) return '. Only that person can unblock it';
  return '';
}

/**
 * Every way in which messaging fails, each a named class, so that callers decide by type and operators read value, place and remedy.
 */

/** NATS could not be reached, or refused the credentials, within the time that boot allows. */
export class BusUnreachable extends Error {
  override readonly name = 'BusUnreachable';
  constructor(servers: readonly string[], service: string, cause: unknown) {
    super(`${service} can not connect to NATS at ${servers.join(', ')}: ${messageOf(cause)}. Is nats-server running there, and are user and password in NATS_URL right?`, { cause });
  }
}

/** The streams could not be created or looked up. */
export class StreamUnavailable extends Error {
  override readonly name = 'StreamUnavailable';
  constructor(readonly stream: string, cause: unknown) {
    super(`Stream ${stream} can not be used: ${messageOf(cause)}. Start nats-server with JetStream (-js) and a store directory with free space; a stream of another shape must be deleted first.`, { cause });
  }
}

/** A durable consumer could not be created, usually because another service already takes the same subject from the work queue. */
export class ConsumerUnavailable extends Error {
  override readonly name = 'ConsumerUnavailable';
  constructor(readonly consumer: string, readonly stream: string, filter: string, cause: unknown) {
    super(`Consumer ${consumer} for ${filter} on ${stream} can not be used: ${messageOf(cause)}. A work subject belongs to one service: see \`nats consumer ls ${stream}\` and delete the one that is no longer wanted.`, { cause });
  }
}

/** The connection was lost before the answer, which says nothing of whether the server did what it was asked. */
export class LostUnderWay extends Error {
  override readonly name = 'LostUnderWay';
  constructor() {
    super('the connection was lost before the acknowledgement. It may be stored or not; publishing it again under the same id is safe.');
  }
}

/** A message was not stored by JetStream. Publish it again under the same id. */
export class PublishFailed extends Error {
  override readonly name: string = 'PublishFailed';
  constructor(readonly subject: string, readonly messageId: string, why: string, cause: unknown) {
    super(`Message ${messageId} was not published to ${subject}: ${why}`, { cause });
  }
}

/** No stream takes the subject: it is misspelt, or the streams are gone and not yet made again. */
export class NoStreamForSubject extends PublishFailed {
  override readonly name = 'NoStreamForSubject';
  constructor(subject: string, messageId: string, cause: unknown) {
    super(subject, messageId, 'no stream takes this subject. Is it spelt right, and does nats-server run with JetStream?', cause);
  }
}

/** The acknowledgement did not come in time; whether the message is stored is unknown. */
export class PublishTimedOut extends PublishFailed {
  override readonly name = 'PublishTimedOut';
  constructor(subject: string, messageId: string, timeoutMs: number, cause: unknown) {
    super(subject, messageId, `no acknowledgement within ${timeoutMs} ms. It may be stored or not; publishing it again under the same id is safe.`, cause);
  }
}

/** Nobody subscribes to the subject of a request. */
export class NobodyAnswers extends Error {
  override readonly name = 'NobodyAnswers';
  constructor(readonly subject: string, readonly service: string, cause: unknown) {
    super(`Nobody answers ${subject}: the ${service} service is not running or not connected to this NATS.`, { cause });
  }
}

/** A request was taken but not answered in time. */
export class RequestTimedOut extends Error {
  override readonly name = 'RequestTimedOut';
  constructor(readonly subject: string, readonly service: string, timeoutMs: number, cause: unknown) {
    super(`${service} did not answer ${subject} within ${timeoutMs} ms. It may still do what was asked.`, { cause });
  }
}

/** A request could not be sent, or its answer not be read. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  constructor(readonly subject: string, why: string, cause: unknown) {
    super(`Request to ${subject} failed: ${why}`, { cause });
  }
}

/** The answer to a request is "no", with a code. Handlers throw it to refuse; senders catch it. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** The bytes are not a JSON object that can be stored as text. */
export class UndecodableMessage extends Error {
  override readonly name = 'UndecodableMessage';
  readonly code = 'undecodable_message';
}

/** The message is JSON but breaks its contract; `problems` names each field and what is wrong with it. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
  readonly code = 'invalid_message';
  constructor(readonly messageType: string, readonly problems: readonly string[], cause?: unknown) {
    super(`Not a valid ${messageType}: ${problems.join('; ')}`, { cause });
  }
}

/** A header that only the bus may set. */
export class ReservedHeader extends Error {
  override readonly name = 'ReservedHeader';
  constructor(header: string) {
    super(`Header ${header} is reserved: names that begin with "Nats-" steer the server. Use another name, such as "Carillon-…".`);
  }
}

/** The service may not start: handlers are missing, doubled, of the wrong kind, or on subjects that no stream carries. */
export class HandlersDoNotMatch extends Error {
  override readonly name = 'HandlersDoNotMatch';
  constructor(readonly problems: readonly string[]) {
    super(`The handlers do not match the messages:\n- ${problems.join('\n- ')}`);
  }
}

/** Whether the error or one of its causes is of this class: the NATS client wraps what it rejects with. */
export function isCausedBy(error: unknown, type: abstract new (...args: never[]) => Error): boolean {
  return error instanceof type || (error instanceof Error && isCausedBy(error.cause, type));
}

/** What an unknown thrown value says, for sentences. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

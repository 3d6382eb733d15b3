/** NATS JetStream for the house: one bus per process, and a Nest transport strategy that never loses a message. */
export { connectBus } from './connect-bus.js';
export type { BusOptions } from './connect-bus.js';
export { Bus } from './bus.js';
export type { BusStatus, Log, OutgoingMessage, Receipt } from './bus.js';
export type { DeadLetter, DeadLetterReason, DeadLetters } from './dead-letters.js';
export { DeliveryContext } from './delivery-context.js';
export type { DeliveryFields } from './delivery-context.js';
export {
  BusUnreachable,
  ConsumerUnavailable,
  HandlersDoNotMatch,
  InvalidMessage,
  NoStreamForSubject,
  NobodyAnswers,
  PublishFailed,
  PublishTimedOut,
  RequestFailed,
  RequestRefused,
  RequestTimedOut,
  ReservedHeader,
  StreamUnavailable,
  UndecodableMessage,
} from './errors.js';
export { assertHandlers } from './handlers.js';
export type { RegisteredHandler } from './handlers.js';
export type { Headers } from './headers.js';
export { JetStreamStrategy, consumerName } from './jetstream-strategy.js';
export type { JetStreamStrategyOptions } from './jetstream-strategy.js';
export { decodeMessage } from './payload.js';
export type { Payload } from './payload.js';
export { ask, tell } from './send.js';
export { STREAMS, ensureStreams, streamOf } from './streams.js';
export type { StreamDefinition } from './streams.js';
export { OriginalErrors, messageValidationPipe, useMessageRules } from './validation.js';
export { RedeliverAfter } from './verdict.js';
export type { DeliveryPolicy } from './verdict.js';

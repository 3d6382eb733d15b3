/** The engine's and the notices' rows: stores, migrations and the data source. Every SQL line is here or in a pipeline's own store. */
export { createDataSource, DatabaseUnreachable, migrate } from './data-source.js';
export type { DatabaseOptions } from './data-source.js';
export { newId } from './identifiers.js';
export { promiseNotice, queueNotice } from './notices.js';
export type { Channel, NewNotice } from './notices.js';
export { outboxBacklog, promise, relayBatch } from './outbox.js';
export type { PromisedMessage } from './outbox.js';
export { asTransaction, databaseNow, inTransaction, isUniqueViolation, managerOf, sqlState } from './transaction.js';

/** A leaf: what specs share. Nothing that ships imports it. */
export { itWithReference, referenceData } from './reference-data.js';
export { NoTestEnvironment, ProgramFailed, TemplateNotMigrated, WaitedTooLong } from './errors.js';
export { compilerSays } from './compiler.js';
export { freePort } from './environment.js';
export { moveDatabaseClock } from './database-clock.js';
export { testDatabase } from './database.js';
export type { TestDatabase } from './database.js';
export { natsServer } from './nats-server.js';
export type { NatsServer, NatsServerOptions } from './nats-server.js';
export { eventually } from './eventually.js';
export type { EventuallyOptions } from './eventually.js';
export { signal } from './signal.js';
export type { Signal } from './signal.js';
export { MovableClock } from './movable-clock.js';
export type { Timer } from './movable-clock.js';
export { spawnService } from './service.js';
export type { ServiceName, ServiceProcess } from './service.js';

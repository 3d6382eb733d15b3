/** The hands of the house: what rings, works, relays and rescues, and the life of a service process. Apps add their doors and nothing else. */
export { Drum } from './drum/drum.js';
export { stepSubjects } from './drum/owned-steps.js';
export { Relay } from './drum/relay.js';
export { Rescue } from './drum/rescue.js';
export { RunDesk, UnknownPipeline } from './drum/run-desk.js';
export { StepController } from './drum/step-controller.js';
export { StepWorker } from './drum/step-worker.js';
export { ApiKeyGuard, Caller, Needs } from './http/api-key.guard.js';
export { Problem } from './http/problem.js';
export type { FieldProblem } from './http/problem.js';
export { Loop } from './loop.js';
export { openHouse } from './service/house.js';
export type { House } from './service/house.js';
export { createLogger } from './service/logger.js';
export { NotifierSettings } from './service/notifier-settings.js';
export { runService } from './service/run-service.js';
export type { Rooms, ServiceDefinition } from './service/run-service.js';
export { ServiceSettings } from './service/settings.js';

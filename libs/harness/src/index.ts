/** For authors of pipelines: a bell that rings on a virtual clock, and tells what happened. Only specs import it. */
export { NeverEnds, NoDatabase, UnknownStep, WrongTime } from './errors.js';
export { localTime } from './local-time.js';
export type { Time } from './local-time.js';
export { ring } from './ring.js';
export type { Bell, InMemory, WithDatabase } from './ring.js';
export type { Database, Tables } from './store.js';
export type { RunStatus, Story, ToldNotice, ToldOccurrence, ToldRun, ToldStep } from './story.js';

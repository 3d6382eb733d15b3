/**
 * Who is measured, with which settings, and why these: 32 at once everywhere, commits that wait for the disk everywhere, and nobody logs what succeeded. Settings
 * that are not named are the system's defaults.
 */
import { join } from 'node:path';
import { SERVICE_NODE_OPTIONS } from '../../../tools/node-options.mjs';
import { didYouMean } from '../../../tools/options.mjs';
import { root } from '../bench-folder.mjs';

const peer = (name) => join(root, 'bench/peers', `${name}.mjs`);
const POOL = 33;

/** @type {import('./measure.mjs').Contender[]} */
export const contenders = [
  {
    key: 'ours',
    adapter: join(import.meta.dirname, 'carillon.mjs'),
    needsBus: true,
    // As in production.
    nodeOptions: SERVICE_NODE_OPTIONS,
    settings: { STEP_CONCURRENCY: '32', LOG_LEVEL: 'warn', LOG_FORMAT: 'json' },
    // Who is fast does more, or the figure would be that of a second in which code is still being compiled.
    steps: 50_000,
    recoveries: {
      // The default lease, and the shortest that the settings allow.
      recoverySeconds: { settings: { STEP_LEASE_SECONDS: '30' }, how: 'standby', once: true },
      recoverySecondsShortestLease: { settings: { STEP_LEASE_SECONDS: '3' }, how: 'standby' },
    },
  },
  {
    key: 'graphileDefault',
    adapter: peer('graphile-worker'),
    settings: { concurrentJobs: 32, maxPoolSize: POOL },
    steps: 10_000,
    recoveries: {},
    note: 'recovery not measured: a job of a killed worker stays locked for four hours; recovering sooner is a feature of its paid edition',
  },
  {
    key: 'graphileTuned',
    adapter: peer('graphile-worker'),
    // The settings of the best figure on its page "Performance".
    settings: { concurrentJobs: 32, maxPoolSize: POOL, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    steps: 50_000,
    recoveries: {},
    note: 'recovery not measured: as with its defaults',
  },
  {
    key: 'pgBoss',
    adapter: peer('pg-boss'),
    settings: {
      instance: { max: 10 },
      queue: {},
      work: { batchSize: 32, localConcurrency: 1, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 },
    },
    steps: 50_000,
    // By default a job of a killed worker fails after 15 minutes. The shortest heartbeat that it takes is 10 seconds.
    recoveries: { recoverySecondsShortestLease: { settings: { instance: { max: 10, superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 }, queue: { heartbeatSeconds: 10 } }, how: 'standby' } },
    note: 'with its default settings a job of a killed worker is tried again after 15 minutes (expireInSeconds), which was not waited for',
  },
  {
    key: 'dbos',
    adapter: peer('dbos'),
    // Workflows are started where they run.
    drives: true,
    settings: { instance: { systemDatabasePoolSize: POOL }, queue: { workerConcurrency: 32, minPollingIntervalMs: 10 } },
    steps: 10_000,
    recoveries: { recoverySeconds: { settings: {}, how: 'restart' } },
    note: 'recovers when the same executor is started again, so the time holds the start of a process; that another takes over is a feature of its paid service',
  },
];

/** Those that were asked for: `graphile` means both of its settings. @param {string} [only] names separated by commas */
export function contendersCalled(only) {
  if (only === undefined) return contenders;
  const keys = contenders.map(({ key }) => key);
  const chosen = only.split(',').map((name) => ({ name, matches: keys.filter((key) => key.toLowerCase().startsWith(name.trim().toLowerCase().replaceAll('-', ''))) }));
  const unknown = chosen.find(({ name, matches }) => matches.length === 0 || name.trim() === '');
  if (unknown !== undefined) throw new Error(`There is nobody called "${unknown.name}" to measure${didYouMean(unknown.name, keys)}`);
  return contenders.filter(({ key }) => chosen.some(({ matches }) => matches.includes(key)));
}

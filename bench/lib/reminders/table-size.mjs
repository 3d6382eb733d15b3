/** Whether a tick costs more with a million reminders stored than with ten thousand: two databases that differ in nothing else, ticked in turn. */
import { createMemoryServices, memoryEntities, memoryMigrations, memoryPipeline, MemorySettings } from '@carillon/memory';
import { asTransaction, createDataSource } from '@carillon/persistence';
import { randomUUID } from 'node:crypto';
import { phase } from '../../../tools/progress.mjs';
import { median } from '../statistics.mjs';
import { letFallDue, makeReminders } from './seed.mjs';

const A_TICK = 500;
const WARM_UP = 5;

/** @returns {Promise<{ few: number, many: number }>} milliseconds of a look and of what it fires, medians */
export async function tickBySize(servers, { stored, few, ticks }) {
  const houses = {};
  for (const [name, count] of Object.entries({ few, many: stored })) {
    const url = await servers.freshDatabase(`size_${name}`, { migrated: true });
    const dataSource = await createDataSource({ url, service: 'bench', poolSize: 4, statementTimeoutMs: 600_000, entities: memoryEntities, migrations: memoryMigrations });
    houses[name] = { dataSource, services: createMemoryServices({ dataSource }), times: [] };
    await phase(`  ${count} reminders`, () => makeReminders(dataSource, count));
  }
  try {
    await servers.query('CHECKPOINT');
    for (let tick = 0; tick < WARM_UP + ticks; tick += 1) {
      // Whoever comes second finds the processor's caches warm, so they take turns.
      for (const name of tick % 2 === 0 ? ['few', 'many'] : ['many', 'few']) {
        const milliseconds = await timed(houses[name]);
        if (tick >= WARM_UP) houses[name].times.push(milliseconds);
      }
    }
    return { few: median(houses.few.times), many: median(houses.many.times) };
  } finally {
    for (const { dataSource } of Object.values(houses)) await dataSource.destroy();
  }
}

const pipeline = memoryPipeline(new MemorySettings());
const [counter] = pipeline.counters;
const step = pipeline.steps.find(({ name }) => name === 'fireDueReminders');

async function timed({ dataSource, services }) {
  await letFallDue(dataSource, A_TICK, 0);
  const unused = () => Promise.reject(new Error('not used here'));
  const context = {
    ...{ run: { id: randomUUID(), pipeline: 'memory', scope: '', trigger: 'manual', params: {} }, step: step.name, attempt: 1, now: new Date(), services, outputs: {}, signal: new AbortController().signal },
    ...{ progress: () => undefined, keep: unused, read: unused, fanOut: unused, log: services.log },
  };
  const started = performance.now();
  await counter.ripeAt(services, asTransaction(dataSource.manager), { scope: '' });
  await counter.read(services, asTransaction(dataSource.manager), { scope: '' });
  const outcome = await step.run(context);
  const milliseconds = performance.now() - started;
  if (outcome.counts?.remindersFired !== A_TICK) throw new Error(`a tick fired ${JSON.stringify(outcome)} instead of ${A_TICK}`);
  return milliseconds;
}

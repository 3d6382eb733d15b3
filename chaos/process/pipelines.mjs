/** What the harmed processes work on. Every step writes one row in its own transaction: those rows are counted afterwards. */
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { allowOverlap, done, every, manual, pipeline, step } from '@carillon/engine';
import { hostPipeline, managerOf } from '@carillon/persistence';
import pg from 'pg';
import { EFFECT_OUTSIDE, effectName, STEP_LISTS, WITHOUT_WRITE } from '../lib/workload.mjs';
import { pass } from './strike.mjs';

/** Whatever goes wrong here was done to it, so it is tried until it is done. */
const retry = { maxAttempts: 1_000, baseMs: 50, capMs: 500, jitter: 0.5 };

/**
 * @param {object} options
 * @param {'old' | 'new'} options.version of the code: the lists of steps differ
 * @param {string} options.outside a file: the world that knows no transaction
 * @param {boolean} options.sabotage rows are written outside of the step's transaction, so that each repetition doubles one: for the spec of chaos itself
 */
export function hostedPipelines({ version, outside, sabotage, databaseUrl }) {
  const careless = sabotage ? new pg.Pool({ connectionString: databaseUrl, max: 2 }) : undefined;
  const steps = STEP_LISTS[version].map((name) => writesOneRow(name, outside, careless));
  return [
    hostPipeline(pipeline('chime', { does: 'one row a step, asked for by hand', trigger: manual(), overlap: allowOverlap, steps }), undefined),
    hostPipeline(pipeline('peal', { does: 'one row, by the clock', trigger: every(1_000), overlap: allowOverlap, steps: steps.slice(0, 1) }), undefined),
  ];
}

const INSERT = 'INSERT INTO chaos.effect (run_id, step, attempt) VALUES ($1, $2, $3)';

function writesOneRow(name, outside, careless) {
  return step(name, {
    does: 'writes one row',
    retry,
    run: async ({ run, step: own, attempt, signal }) => {
      if (careless && !WITHOUT_WRITE.includes(own)) await careless.query(INSERT, [run.id, own, attempt]);
      if (run.params.busyMs) await delay(run.params.busyMs, undefined, { signal });
      appendFileSync(outside, `${effectName(run.id, own)}\n`);
      pass(EFFECT_OUTSIDE, [run.id]);
      if (WITHOUT_WRITE.includes(own)) return done();
      return done({
        write: async (transaction) => {
          pass('settle: before the last write', [run.id]);
          if (!careless) await managerOf(transaction).query(INSERT, [run.id, own, attempt]);
          pass('settle: after the last write', [run.id]);
        },
      });
    },
  });
}

/**
 * Whatever is done to schedules, in whatever order, by however many schedulers, some of which die or hang in the middle: after each deed every schedule has
 * decided exactly what the model says it owed, with the model's outcome, and no instant ran twice. A failure prints its seed, path and replayPath;
 * `MODEL_SEED`, `MODEL_PATH` and `MODEL_REPLAY` play it again, `MODEL_RUNS` looks further.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { dateOf, scheduleCommands } from '../spec/schedule-commands.js';
import type { RealHouse } from '../spec/schedule-commands.js';
import { ScheduleModel } from '../spec/schedule-model.js';

/** Half past a minute, so that cron's instants and the clock never meet, and those of `every` do. */
const START_MINUTE = 30.5;
const RUNS = Number(process.env['MODEL_RUNS'] ?? 12);
const MOST_COMMANDS = 60;

let house: Ledger;
let drums: DataSource[];

beforeAll(async () => {
  house = await ledger();
  drums = [await house.another(2), await house.another(2), await house.another(2)];
  // One row that every session reads: the clock is moved by a statement, and stands still in between.
  await house.query(`CREATE TABLE public.stage (clock timestamptz NOT NULL, crash text)`);
  await house.query(`INSERT INTO public.stage (clock) VALUES ($1)`, [dateOf(START_MINUTE)]);
  await house.query(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT clock FROM public.stage'`);
  await house.query(`
    CREATE FUNCTION public.crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT FROM public.stage WHERE crash = TG_TABLE_NAME) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
      RETURN NULL;
    END $$`);
  await house.query(`CREATE TRIGGER crash AFTER INSERT ON engine.occurrence FOR EACH STATEMENT EXECUTE FUNCTION public.crash()`);
  await house.query(`CREATE TRIGGER crash AFTER UPDATE ON engine.schedule FOR EACH STATEMENT EXECUTE FUNCTION public.crash()`);
});
afterAll(() => house.close());

/** A new round: nothing that an earlier one left can ring, and its history is of other schedules. */
async function realHouse(): Promise<RealHouse> {
  for (const table of ['schedule', 'active_run', 'outbox']) await house.query(`DELETE FROM engine.${table}`);
  const known = new Map<string, string>();
  const setClock = async (minute: number): Promise<void> => void (await house.query('UPDATE public.stage SET clock = $1', [dateOf(minute)]));
  await setClock(START_MINUTE);
  return {
    dataSource: house.dataSource,
    drums,
    setClock,
    crashAt: async (where) => void (await house.query('UPDATE public.stage SET crash = $1', [where])),
    told: async () => {
      // A deleted schedule's rows are told by its id alone.
      for (const { id, name } of await house.query<{ id: string; name: string }>('SELECT id, name FROM engine.schedule')) known.set(id, name);
      const rows = await house.query<{ id: string; outcomes: Record<string, string> | null; runs: number; doubled: number }>(
        `SELECT s.id, (SELECT jsonb_object_agg(round(extract(epoch FROM o.scheduled_for - $2::timestamptz) / 60, 1)::float8, o.outcome) FROM engine.occurrence o WHERE o.schedule_id = s.id) AS outcomes,
           (SELECT count(*)::int FROM engine.run r WHERE r.schedule_id = s.id) AS runs,
           (SELECT count(*)::int FROM (SELECT FROM engine.run r WHERE r.schedule_id = s.id AND r.scheduled_for IS NOT NULL AND r.status <> 'skipped' GROUP BY r.scheduled_for HAVING count(*) > 1) d) AS doubled
         FROM unnest($1::uuid[]) AS s (id)`,
        [[...known.keys()], dateOf(0)],
      );
      return new Map(rows.map(({ id, outcomes, ...counts }) => [known.get(id) ?? '', { outcomes: sorted(outcomes ?? {}), ...counts }]));
    },
  };
}

const sorted = (outcomes: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(outcomes).sort(([a], [b]) => Number(a) - Number(b)));

it('every owed instant ends as the model says, whatever happens', async () => {
  const { MODEL_SEED: seed, MODEL_PATH: path, MODEL_REPLAY: replay } = process.env;
  let commands = 0;
  await fc.assert(
    fc.asyncProperty(scheduleCommands(MOST_COMMANDS, replay), async (deeds) => {
      const real = await realHouse();
      const model = new ScheduleModel(START_MINUTE);
      commands += [...deeds].length;
      await fc.asyncModelRun(() => ({ model, real }), deeds);
    }),
    { numRuns: RUNS, endOnFailure: path !== undefined, ...(seed !== undefined && { seed: Number(seed) }), ...(path !== undefined && { path }) },
  );
  // An empty round proves nothing.
  expect(commands).toBeGreaterThan(RUNS);
});

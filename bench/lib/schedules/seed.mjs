/** Schedules, and the past of a house that has run for a year, written set by set so that it takes seconds. */
import { PIPELINE } from './bell.mjs';

/** Wall clocks that differ, so that each instant has to be found in a zone. */
const ZONES = ['UTC', 'Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Tokyo', 'Africa/Lagos'];

/** Schedules of as many scopes, none of which is due today: daily, at one second of the day half a day from now. @param {import('typeorm').DataSource} dataSource */
export async function makeSchedules(dataSource, count, overlap = { kind: 'skip' }) {
  await dataSource.query(
    `INSERT INTO engine.schedule (id, name, pipeline, scope, source, trigger, misfire, overlap, anchor_at, evaluated_through, next_due_at)
     SELECT gen_random_uuid(), 'bench/' || n, $2, 'scope ' || n, 'runtime',
            jsonb_build_object('kind', 'cron', 'timeZone', 'UTC', 'expression', to_char(engine.clock() AT TIME ZONE 'UTC' + interval '12 hours', 'FMSS FMMI FMHH24') || ' * * *'),
            '{"kind": "fireOnce", "which": "latest"}', $3, engine.clock(), engine.clock(), date_trunc('second', engine.clock()) + interval '12 hours'
     FROM generate_series(1, $1::int) n`,
    [count, PIPELINE, JSON.stringify(overlap)],
  );
  await dataSource.query('VACUUM ANALYZE engine.schedule');
}

/**
 * Makes the first `count` schedules fall due in one second, each by the clock of its zone, as an operator's edit would.
 * @returns {Promise<Date>} that second
 */
export async function letFallDue(dataSource, count, inSeconds) {
  const [{ at }] = await dataSource.query(`SELECT date_trunc('second', engine.clock()) + $1 * interval '1 second' AS at`, [inSeconds]);
  await dataSource.query(
    `UPDATE engine.schedule SET version = version + 1, evaluated_through = engine.clock(), next_due_at = $2::timestamptz,
       trigger = jsonb_build_object('kind', 'cron', 'timeZone', zone, 'expression', to_char($2::timestamptz AT TIME ZONE zone, 'FMSS FMMI FMHH24') || ' * * *')
     FROM (SELECT n, ($3::text[])[1 + n % cardinality($3::text[])] AS zone FROM generate_series(1, $1::int) n) d WHERE name = 'bench/' || n`,
    [count, at, ZONES],
  );
  return at;
}

/** Runs and occurrences of the last year, which nobody will look at again. */
export async function makeOldRuns(dataSource, count) {
  await dataSource.query(
    `SELECT engine.make_month(month::date), engine.make_occurrence_month(month::date) FROM generate_series(date_trunc('month', engine.clock() AT TIME ZONE 'UTC') - interval '12 months', engine.clock() AT TIME ZONE 'UTC', interval '1 month') month`,
  );
  const [{ plan }] = await dataSource.query(`INSERT INTO engine.plan (id, pipeline, steps) VALUES (gen_random_uuid(), $1, '[]') RETURNING id AS plan`, [PIPELINE]);
  await dataSource.query(
    `WITH old AS MATERIALIZED (
       SELECT n, engine.clock() - n * (interval '365 days' / $1::int) AS at, 'bench/' || (1 + n % (SELECT count(*) FROM engine.schedule)) AS name FROM generate_series(1, $1::int) n
     ),
     named AS MATERIALIZED (
       SELECT old.at, s.id AS schedule_id, s.scope, (left(engine.first_id_of(old.at)::text, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid AS id FROM old JOIN engine.schedule s ON s.name = old.name
     ),
     runs AS (
       INSERT INTO engine.run (id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, plan_id, status, requested_at, started_at, finished_at)
       SELECT id, $2, scope, 'cron', 'due', schedule_id, at, $3, 'succeeded', at, at, at FROM named
     )
     INSERT INTO engine.occurrence (schedule_id, scheduled_for, outcome, reason, run_id, decided_at) SELECT schedule_id, at, 'ran', 'due', id, at FROM named ON CONFLICT DO NOTHING`,
    [count, PIPELINE, plan],
  );
  await dataSource.query('VACUUM ANALYZE engine.run');
  await dataSource.query('VACUUM ANALYZE engine.occurrence');
}

/** People and their reminders, written set by set so that a million take seconds. */
import { newIdSeries } from '@carillon/persistence';

const PEOPLE = 10_000;
const ID = `($2 || lpad(to_hex($3::bigint + n), 12, '0'))::uuid`;
const idSeries = () => Object.values(newIdSeries());

/**
 * Reminders as intake makes them, with ids in the order in which they were made; every third repeats. The first of them have rung long ago, one every half a minute; those that wait are due in the next year, in no order,
 * and not within a day.
 * @param {import('typeorm').DataSource} dataSource @param {number} stored
 * @param {{ waiting?: number, instants?: Date[], due?: number }} options how many of them wait, all unless told; at each instant so many are due
 */
export async function makeReminders(dataSource, stored, { waiting = stored, instants = [], due = stored } = {}) {
  await dataSource.query(`INSERT INTO memory.person (id, display_name, is_allowed) SELECT (1000000 + n)::text, 'person ' || n, true FROM generate_series(1, $1::int) n`, [PEOPLE]);
  await dataSource.query(`INSERT INTO memory.setting (user_id, time_zone) SELECT id, 'Europe/Berlin' FROM memory.person`);
  await dataSource.query(
    `INSERT INTO memory.memory (id, owner_id, content, status) SELECT ${ID}, (1000001 + n % $1::int)::text, 'water the plants on the balcony and close the window, note ' || n, 'confirmed' FROM generate_series(1, $1::int) n`,
    [PEOPLE, ...idSeries()],
  );
  // Steps of a prime come to each number once, far from the one before.
  await dataSource.query(
    `WITH memories AS MATERIALIZED (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS m FROM memory.memory), made AS MATERIALIZED (
       SELECT n, ${ID} AS id, 1 + n * 7919::bigint % $1::int AS m, CASE WHEN n > $4::int - $5::int THEN n * 15485863::bigint % $5::int END AS place FROM generate_series(1, $4::int) n
     )
     INSERT INTO memory.reminder (id, series_id, owner_id, memory_id, text, fire_at, due_at, recurrence, fired, fired_at)
     SELECT made.id, made.id, owner_id, memories.id, 'reminder ' || n, at, at, CASE WHEN n % 3 = 0 THEN '{"kind": "minutes", "minutes": 1440}'::jsonb END, place IS NULL, CASE WHEN place IS NULL THEN at END
     FROM made JOIN memories USING (m), LATERAL (
       SELECT coalesce(($6::timestamptz[])[1 + place / $7::int], engine.clock() + interval '1 day' + place * (interval '365 days' / $5::int), engine.clock() - ($4::int - n) * interval '30 seconds') AS at
     ) due ORDER BY n`,
    [PEOPLE, ...idSeries(), stored, waiting, instants, due],
  );
  await dataSource.query('VACUUM ANALYZE memory.reminder, memory.due, memory.memory, memory.person, memory.setting');
}

/** Makes so many of those that are stored fall due at one instant. @returns {Promise<Date>} that instant */
export async function letFallDue(dataSource, count, inSeconds) {
  const [{ at }] = await dataSource.query(`SELECT date_trunc('milliseconds', engine.clock() + $1 * interval '1 second') AS at`, [inSeconds]);
  await dataSource.query(`UPDATE memory.reminder SET fire_at = $2, due_at = $2 WHERE id IN (SELECT reminder_id FROM memory.due WHERE due_at > $2 ORDER BY due_at DESC LIMIT $1)`, [count, at]);
  return at;
}

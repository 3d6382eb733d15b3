/** People and their reminders, written set by set so that a million take seconds. */

const PEOPLE = 10_000;

/** Reminders of the next year, none of them due within the hour; every third repeats. @param {import('typeorm').DataSource} dataSource */
export async function makeReminders(dataSource, count) {
  await dataSource.query(`INSERT INTO memory.person (id, display_name, is_allowed) SELECT (1000000 + n)::text, 'person ' || n, true FROM generate_series(1, $1::int) n`, [PEOPLE]);
  await dataSource.query(`INSERT INTO memory.setting (user_id, time_zone) SELECT id, 'Europe/Berlin' FROM memory.person`);
  await dataSource.query(
    `INSERT INTO memory.memory (id, owner_id, content, status) SELECT gen_random_uuid(), (1000001 + n % $1::int)::text, 'water the plants on the balcony and close the window, note ' || n, 'confirmed' FROM generate_series(1, $1::int) n`,
    [PEOPLE],
  );
  await dataSource.query(
    `WITH memories AS MATERIALIZED (SELECT id, owner_id, row_number() OVER () AS n FROM memory.memory), made AS MATERIALIZED (SELECT gen_random_uuid() AS id, g AS n FROM generate_series(1, $1::int) g)
     INSERT INTO memory.reminder (id, series_id, owner_id, memory_id, text, fire_at, due_at, recurrence)
     SELECT made.id, made.id, m.owner_id, m.id, 'reminder ' || made.n, at.at, at.at, CASE WHEN made.n % 3 = 0 THEN '{"kind": "minutes", "minutes": 1440}'::jsonb END
     FROM made JOIN memories m ON m.n = 1 + made.n % $2::int, LATERAL (SELECT engine.clock() + interval '1 hour' + made.n * (interval '365 days' / $1::int) AS at) at`,
    [count, PEOPLE],
  );
  await dataSource.query('VACUUM ANALYZE memory.reminder, memory.due');
}

/** Makes so many of those that are stored fall due at one instant. @returns {Promise<Date>} that instant */
export async function letFallDue(dataSource, count, inSeconds) {
  const [{ at }] = await dataSource.query(`SELECT date_trunc('milliseconds', engine.clock() + $1 * interval '1 second') AS at`, [inSeconds]);
  await dataSource.query(`UPDATE memory.reminder SET fire_at = $2, due_at = $2 WHERE id IN (SELECT reminder_id FROM memory.due WHERE due_at > $2 ORDER BY due_at DESC LIMIT $1)`, [count, at]);
  return at;
}

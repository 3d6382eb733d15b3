/** What the ledger says, read by SQL: chaos checks the rows and not the code that reads them. */

/** @typedef {(sql: string, values?: unknown[]) => Promise<any[]>} Ask */

/** @param {Ask} ask @returns {Promise<string[]>} ids of runs that are not over */
export const activeRuns = async (ask) => (await ask('SELECT run_id AS id FROM engine.active_run')).map(({ id }) => id);

/** @param {Ask} ask @param {string} pipeline */
export const countActive = async (ask, pipeline) => (await ask('SELECT count(*)::int AS count FROM engine.active_run WHERE pipeline = $1', [pipeline]))[0].count;

/** The runs that a process was working on. @param {Ask} ask @param {string} serviceId @returns {Promise<string[]>} */
export const heldBy = async (ask, serviceId) => (await ask(`SELECT run_id AS id FROM engine.active_run WHERE claimed_by = $1 AND status = 'running'`, [serviceId])).map(({ id }) => id);

/** The runs behind ids of runs, steps or schedules. @param {Ask} ask @param {string[]} ids @returns {Promise<{ id: string, scheduled: boolean }[]>} */
export const runsBehind = (ask, ids) =>
  ask(
    `SELECT id, false AS scheduled FROM engine.run WHERE id = ANY($1::uuid[]) UNION SELECT run_id, false FROM engine.step WHERE id = ANY($1::uuid[])
     UNION SELECT id, true FROM engine.run WHERE schedule_id = ANY($1::uuid[])`,
    [ids],
  );

/**
 * Every run, with the names of the steps that it started with.
 * @param {Ask} ask @returns {Promise<{ id: string, pipeline: string, status: string, key: string | null, schedule: string | null, scheduledFor: Date | null, steps: string[] }[]>}
 */
export const allRuns = (ask) =>
  ask(
    `SELECT r.id, r.pipeline, CASE WHEN a.run_id IS NULL THEN r.status ELSE 'active: ' || a.status || ' ' || a.step END AS status, k.dedupe_key AS key, schedule_id AS schedule, scheduled_for AS "scheduledFor", p.names AS steps
     FROM engine.run r JOIN (SELECT id, (SELECT array_agg(s->>'name') FROM jsonb_array_elements(steps) s) AS names FROM engine.plan) p ON p.id = r.plan_id
     LEFT JOIN engine.run_key k ON k.run_id = r.id LEFT JOIN engine.active_run a ON a.run_id = r.id`,
  );

/** Runs of which only a part is there: where they stand without what they are, or a key without its run. @param {Ask} ask @returns {Promise<string[]>} */
export const fragments = async (ask) =>
  (
    await ask(
      `SELECT 'active run ' || run_id AS what FROM engine.active_run a WHERE NOT EXISTS (SELECT FROM engine.run r WHERE r.id = a.run_id)
       UNION ALL SELECT 'key ' || dedupe_key FROM engine.run_key k WHERE NOT EXISTS (SELECT FROM engine.run r WHERE r.id = k.run_id)`,
    )
  ).map(({ what }) => what);

/** Attempts that ended well: one for each step of a run. @param {Ask} ask @returns {Promise<{ run: string, step: string }[]>} */
export const allDone = (ask) => ask(`SELECT run_id AS run, name AS step FROM engine.step WHERE status = 'done'`);

/** @param {Ask} ask @returns {Promise<{ run: string, step: string, at: number }[]>} in the order of their time, in milliseconds */
export const allEffects = (ask) => ask(`SELECT run_id AS run, step, (extract(epoch FROM at) * 1000)::float8 AS at FROM chaos.effect ORDER BY at`);

/** @param {Ask} ask */
export const allOccurrences = (ask) => ask('SELECT schedule_id AS schedule, scheduled_for AS "scheduledFor", outcome, run_id AS run, decided_at AS "decidedAt" FROM engine.occurrence');

/** Schedules that ring every so many milliseconds, and how far they have been evaluated. @param {Ask} ask */
export const allSchedules = (ask) =>
  ask(`SELECT id, (trigger->>'everyMs')::int AS "everyMs", anchor_at AS "anchorAt", created_at AS "createdAt", evaluated_through AS through FROM engine.schedule WHERE trigger->>'kind' = 'every'`);

/** What falls due together rings together, in one transaction: so each of the schedules has an instant of its own. */
const APART_MS = 113;

/** More schedules like the one that a process wrote for its pipeline, one for each scope. @param {Ask} ask @param {string} pipeline @param {number} count */
export const addSchedules = (ask, pipeline, count) => copySchedule(ask, pipeline, 'scope', count, {}, APART_MS);

/** So many more schedules, all of which fall due in two seconds, and then not for an hour. @param {Ask} ask @param {string} pipeline @param {number} count */
export async function makeDueAtOnce(ask, pipeline, count) {
  const [{ due, anchor }] = await ask(`SELECT at AS due, at - interval '1 hour' AS anchor FROM (SELECT date_trunc('milliseconds', engine.clock()) + interval '2 seconds' AS at) soon`);
  await copySchedule(ask, pipeline, 'race', count, { next_due_at: due, anchor_at: anchor, evaluated_through: anchor, trigger: { kind: 'every', everyMs: 3_600_000, runAtOnce: false } });
}

/** Whatever columns the table has by now are copied; those that the database computes are not. A copy owes everything since its own anchor. */
async function copySchedule(ask, pipeline, prefix, count, changes, apartMs = 0) {
  const columns = (await ask(`SELECT quote_ident(column_name) AS name FROM information_schema.columns WHERE table_schema = 'engine' AND table_name = 'schedule' AND is_generated = 'NEVER'`)).map(({ name }) => name);
  await ask(
    `INSERT INTO engine.schedule (${columns.join(', ')})
     SELECT ${columns.map((name) => `(copy).${name}`).join(', ')}
     FROM (SELECT jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'scope', $2::text || '-' || n, 'name', pipeline || '/' || $2::text || '-' || n,
             'anchor_at', anchor_at + n * later, 'evaluated_through', anchor_at + n * later, 'next_due_at', anchor_at + n * later) || $4::jsonb) AS copy
           FROM engine.schedule s, generate_series(1, $3::int) n, (SELECT $5::float8 * interval '1 millisecond' AS later) l WHERE pipeline = $1 AND scope = '') copies`,
    [pipeline, prefix, count, JSON.stringify(changes), apartMs],
  );
}

/** Everything stops ringing. @param {Ask} ask */
export const pauseSchedules = (ask) => ask('UPDATE engine.schedule SET paused_at = engine.clock() WHERE paused_at IS NULL');

/** Messages about work that nobody has published yet. @param {Ask} ask */
export const countPromises = async (ask) => (await ask(`SELECT count(*)::int AS count FROM engine.outbox`))[0].count;

/** Steps that were taken over from whoever fell silent. @param {Ask} ask */
export const countTakenOver = async (ask) => (await ask(`SELECT count(*)::int AS count FROM engine.step WHERE status = 'lost'`))[0].count;

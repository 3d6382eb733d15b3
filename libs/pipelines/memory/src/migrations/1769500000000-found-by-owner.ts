/** Whose a reminder is leads to all that is looked up about it but seldom: fewer indexes, so that the occurrence that follows one enters fewer. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class FoundByOwner1769500000000 implements MigrationInterface {
  readonly name = 'FoundByOwner1769500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A reminder is about a memory of the same person, whatever code wrote it; and its owner's index finds it.
      ALTER TABLE memory.memory ADD CONSTRAINT memory_of_owner UNIQUE (id, owner_id);
      ALTER TABLE memory.reminder
        DROP CONSTRAINT reminder_memory_id_fkey,
        ADD CONSTRAINT reminder_memory_of_owner FOREIGN KEY (memory_id, owner_id) REFERENCES memory.memory (id, owner_id);
      DROP INDEX memory.reminder_memory;
      -- What follows in a series is found among the reminders of its owner, when a person asks.
      DROP INDEX memory.due_series;
      ALTER TABLE memory.due DROP COLUMN series_id;
      ${KEPT_IN_STEP}
      -- The second first, then 90 bits of chance: tokens that are made together lie together in their index, and not each in a page of its own.
      ALTER TABLE memory.reminder ALTER COLUMN token SET DEFAULT
        rtrim(translate(encode(substr(int8send(extract(epoch FROM engine.clock())::bigint), 5) || substr(uuid_send(gen_random_uuid()), 1, 12), 'base64'), '+/', '-_'), '=');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE memory.reminder ALTER COLUMN token SET DEFAULT rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '=');
      ALTER TABLE memory.due ADD COLUMN series_id uuid;
      UPDATE memory.due d SET series_id = r.series_id FROM memory.reminder r WHERE r.id = d.reminder_id AND (r.recurrence IS NOT NULL OR r.series_id <> r.id);
      CREATE INDEX due_series ON memory.due (series_id) WHERE series_id IS NOT NULL;
      ${KEPT_WITH_SERIES}
      CREATE INDEX reminder_memory ON memory.reminder (memory_id) WHERE memory_id IS NOT NULL;
      ALTER TABLE memory.reminder DROP CONSTRAINT reminder_memory_of_owner, ADD CONSTRAINT reminder_memory_id_fkey FOREIGN KEY (memory_id) REFERENCES memory.memory (id);
      ALTER TABLE memory.memory DROP CONSTRAINT memory_of_owner;
    `);
  }
}

const KEPT_IN_STEP = `
  CREATE OR REPLACE FUNCTION memory.keep_due() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO memory.due (reminder_id, due_at) SELECT id, due_at FROM now_there WHERE NOT fired;
    ELSIF TG_OP = 'DELETE' THEN
      DELETE FROM memory.due WHERE reminder_id = ANY (ARRAY(SELECT id FROM gone));
    ELSE
      DELETE FROM memory.due WHERE reminder_id = ANY (ARRAY(SELECT id FROM now_there WHERE fired));
      INSERT INTO memory.due AS d (reminder_id, due_at) SELECT id, due_at FROM now_there WHERE NOT fired
        ON CONFLICT (reminder_id) DO UPDATE SET due_at = excluded.due_at WHERE d.due_at <> excluded.due_at;
    END IF;
    RETURN NULL;
  END $$;
`;

/** As it was made by 1769400000000-due. */
const KEPT_WITH_SERIES = `
  CREATE OR REPLACE FUNCTION memory.keep_due() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO memory.due (reminder_id, due_at, series_id)
        SELECT id, due_at, CASE WHEN recurrence IS NOT NULL OR series_id <> id THEN series_id END FROM now_there WHERE NOT fired;
    ELSIF TG_OP = 'DELETE' THEN
      DELETE FROM memory.due WHERE reminder_id = ANY (ARRAY(SELECT id FROM gone));
    ELSE
      DELETE FROM memory.due WHERE reminder_id = ANY (ARRAY(SELECT id FROM now_there WHERE fired));
      INSERT INTO memory.due AS d (reminder_id, due_at, series_id)
        SELECT id, due_at, CASE WHEN recurrence IS NOT NULL OR series_id <> id THEN series_id END FROM now_there WHERE NOT fired
        ON CONFLICT (reminder_id) DO UPDATE SET due_at = excluded.due_at, series_id = coalesce(excluded.series_id, d.series_id)
        WHERE (d.due_at, d.series_id) IS DISTINCT FROM (excluded.due_at, coalesce(excluded.series_id, d.series_id));
    END IF;
    RETURN NULL;
  END $$;
`;

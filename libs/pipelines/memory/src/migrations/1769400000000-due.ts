/** What is due, apart from the reminders themselves: so that firing enters nothing in the indexes of the wide table. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class Due1769400000000 implements MigrationInterface {
  readonly name = 'Due1769400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DUE);
    await runner.query(KEPT_IN_STEP);
    await runner.query(LIGHTER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE memory.reminder ALTER COLUMN token DROP DEFAULT;
      CREATE INDEX audit_entity ON memory.audit (entity_type, entity_id);
      DROP INDEX memory.audit_snoozed;
      ALTER TABLE memory.reminder RESET (fillfactor);
      CREATE INDEX reminder_due ON memory.reminder (due_at) WHERE NOT fired;
      CREATE INDEX reminder_series ON memory.reminder (series_id) WHERE NOT fired;
      DROP TRIGGER due_made ON memory.reminder;
      DROP TRIGGER due_changed ON memory.reminder;
      DROP TRIGGER due_gone ON memory.reminder;
      DROP FUNCTION memory.keep_due();
      DROP TABLE memory.due;
    `);
  }
}

const DUE = `
  -- One row for each reminder that has not fired: where the step looks for what is due.
  CREATE TABLE memory.due (
    reminder_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL,
    -- Of what repeats; null otherwise.
    series_id uuid
  ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
  INSERT INTO memory.due (reminder_id, due_at, series_id)
    SELECT id, due_at, CASE WHEN recurrence IS NOT NULL OR series_id <> id THEN series_id END FROM memory.reminder WHERE NOT fired ORDER BY due_at;
  CREATE INDEX due_first ON memory.due (due_at);
  CREATE INDEX due_series ON memory.due (series_id) WHERE series_id IS NOT NULL;
`;

/**
 * Whoever writes reminders keeps it in step without knowing of it: a row that somebody forgot would be a reminder that never rings. The arrays and the setting keep the planner from reading the whole
 * table for a few hundred rows, as it would do for long after it saw the table while that was small.
 */
const KEPT_IN_STEP = `
  CREATE FUNCTION memory.keep_due() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
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
  CREATE TRIGGER due_made AFTER INSERT ON memory.reminder REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION memory.keep_due();
  CREATE TRIGGER due_changed AFTER UPDATE ON memory.reminder REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION memory.keep_due();
  CREATE TRIGGER due_gone AFTER DELETE ON memory.reminder REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION memory.keep_due();
`;

const LIGHTER = `
  -- Neither is in step with anything that firing changes, so that its new version of a row needs no entry in an index, and finds room in the page of the old one.
  DROP INDEX memory.reminder_due;
  DROP INDEX memory.reminder_series;
  ALTER TABLE memory.reminder SET (fillfactor = 70);
  -- So buttons have their token from the beginning. 122 bits of chance, in letters that Telegram hands back as they are.
  ALTER TABLE memory.reminder ALTER COLUMN token SET DEFAULT rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '=');
  -- One thing's lines are read among those of its owner; by the thing alone, only what was snoozed.
  DROP INDEX memory.audit_entity;
  CREATE INDEX audit_snoozed ON memory.audit (entity_id) WHERE action = 'snoozed';
`;

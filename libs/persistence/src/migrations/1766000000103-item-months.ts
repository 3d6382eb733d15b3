import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Items and large values lie in months, as their runs do: a month of history is dropped with all that belongs to it. */
export class ItemMonths1766000000103 implements MigrationInterface {
  readonly name = 'ItemMonths1766000000103';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, key] of [['step_item', 'run_id, step, key'], ['step_value', 'run_id, step, name']] as const) {
      await runner.query(`
        ALTER TABLE engine.${table} RENAME TO old_${table};
        CREATE TABLE engine.${table} (LIKE engine.old_${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CONSTRAINT ${table}_key PRIMARY KEY (${key})) PARTITION BY RANGE (run_id);
        CREATE TABLE engine.${table}_default PARTITION OF engine.${table} DEFAULT;
        -- The months that runs have, with the same bounds.
        DO $$
          DECLARE month record;
          BEGIN
            FOR month IN
              SELECT right(c.relname, 8) AS suffix, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE i.inhparent = 'engine.run'::regclass AND c.relname ~ '^run_\\d{4}_\\d{2}$'
            LOOP
              EXECUTE format('CREATE TABLE engine.%I PARTITION OF engine.${table} %s', '${table}' || month.suffix, month.bounds);
            END LOOP;
          END
        $$;
        INSERT INTO engine.${table} SELECT * FROM engine.old_${table};
        DROP TABLE engine.old_${table};
      `);
    }
  }

  async down(): Promise<void> {
    throw new Error('the ledger is not turned back: restore the backup that was made before the upgrade');
  }
}

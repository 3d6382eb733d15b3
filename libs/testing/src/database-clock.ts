/**
 * Moves the one clock that the engine reads: a function in the database, so every process that shares the database moves with it.
 */
import pg from 'pg';

/** From now on the database's clock is this far ahead of (or, when negative, behind) the real one. */
export async function moveDatabaseClock(url: string, milliseconds: number): Promise<void> {
  if (!Number.isInteger(milliseconds)) throw new RangeError(`moveDatabaseClock takes whole milliseconds, got ${milliseconds}`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT statement_timestamp() + interval ''${milliseconds} milliseconds'''`,
    );
  } finally {
    await client.end();
  }
}

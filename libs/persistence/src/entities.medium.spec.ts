import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { engineEntities } from './entities.js';

let house: Ledger;
beforeAll(async () => void (house = await ledger()));
afterAll(() => house.close());

interface Described {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
  key: boolean;
}

const inOrder = (rows: Described[]): string[] => rows.map((row) => `${row.table}.${row.column} ${row.type}${row.nullable ? ' null' : ''}${row.key ? ' key' : ''}`).sort();

describe('the row classes', () => {
  it('describe every table of engine, notices and telegram as the migrations make it', async () => {
    const made = await house.query<Described>(
      `SELECT n.nspname || '.' || c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS nullable,
              EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey)) AS key
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('engine', 'notices', 'telegram') AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped`,
    );
    const described = engineEntities.flatMap((entity) => {
      const { schema, tableName, columns } = house.dataSource.getMetadata(entity);
      return columns.map((column) => ({
        table: `${schema}.${tableName}`,
        column: column.databaseName,
        type: house.dataSource.driver.normalizeType(column) + (column.isArray ? '[]' : ''),
        nullable: column.isNullable,
        key: column.isPrimary,
      }));
    });
    expect(inOrder(described.map((row) => ({ ...row, type: row.type.replace('timestamptz', 'timestamp with time zone') })))).toEqual(inOrder(made));
  });

  it('read what the ledgers wrote', async () => {
    await house.run({ params: { town: 'Bowling Green' }, dedupeKey: 'monday' });
    for (const entity of engineEntities) await house.dataSource.manager.find(entity, { take: 1 });
    const [run] = await house.dataSource.manager.find(engineEntities.find((one) => one.name === 'Run') ?? Object);
    expect(run).toMatchObject({ pipeline: 'bell', status: 'running', params: { town: 'Bowling Green' }, dedupeKey: 'monday', priority: 0 });
  });
});

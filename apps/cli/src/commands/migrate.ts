import { migrate } from '@carillon/persistence';
import { Command } from 'commander';
import { withDatabase } from '../database.js';

/** Several processes may migrate at once; one does it and the others find it done. */
export function migrateCommand(): Command {
  return new Command('migrate').description('bring the database to the current schema').action(async () => {
    const ran = await withDatabase((dataSource) => migrate(dataSource));
    process.stdout.write(ran.length === 0 ? 'the schema is current\n' : `${ran.map((name) => `migrated ${name}`).join('\n')}\n`);
  });
}

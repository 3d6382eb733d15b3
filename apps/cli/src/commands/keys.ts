import { createApiKey, RIGHTS, rotateApiKey } from '@carillon/persistence';
import type { Right } from '@carillon/persistence';
import { Command } from 'commander';
import { withDatabase } from '../database.js';

/** `carillon keys issue NAME`: a key is shown once; issuing it again replaces it. */
export function keysCommand(): Command {
  const issue = new Command('issue')
    .description('make an API key, or replace the one of that name; prints the key and nothing else')
    .argument('<name>')
    .option('--rights <list>', `any of ${RIGHTS.join(', ')}, separated by commas`, RIGHTS.join(','))
    .action(async (name: string, options: { rights: string }) => {
      const key = await withDatabase(async (dataSource) => (await createApiKey(dataSource, name, rightsOf(options.rights))) ?? rotateApiKey(dataSource, name));
      process.stdout.write(`${key}\n`);
    });
  return new Command('keys').description('API keys').addCommand(issue);
}

function rightsOf(list: string): Right[] {
  const named = list.split(',').map((right) => right.trim());
  const unknown = named.find((right) => !RIGHTS.includes(right as Right));
  if (unknown !== undefined) throw new Error(`there is no right "${unknown}": choose from ${RIGHTS.join(', ')}`);
  return named as Right[];
}

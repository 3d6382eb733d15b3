import { createApiKey, RIGHTS, rotateApiKey } from '@carillon/persistence';
import type { Right } from '@carillon/persistence';
import { Command } from 'commander';
import { withLedger } from '../ledger.js';

/** `carillon keys issue NAME`: a key is shown once; issuing it again replaces it. */
export function keysCommand(): Command {
  const issue = new Command('issue')
    .description('make an API key, or replace the one of that name; prints the key and nothing else')
    .argument('<name>')
    .option('--rights <list>', `any of ${RIGHTS.join(', ')}, separated by commas; without it a new key has all, and a replaced one keeps its own`)
    .action(async (name: string, options: { rights?: string }) => {
      const rights = options.rights === undefined ? undefined : rightsOf(options.rights);
      const key = await withLedger(async (dataSource) => (await createApiKey(dataSource, name, rights ?? RIGHTS)) ?? rotateApiKey(dataSource, name, rights));
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

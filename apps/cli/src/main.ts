/** `carillon …`: every command in a file of its own under commands/. Results go to stdout, everything else to stderr. */
import 'reflect-metadata';
import { Command } from 'commander';
import { migrateCommand } from './commands/migrate.js';

const program = new Command('carillon')
  .description('Scheduled pipelines: on time, once, and it can prove it.')
  .showSuggestionAfterError()
  .showHelpAfterError('(carillon --help lists the commands)')
  .addCommand(migrateCommand());

try {
  await program.parseAsync();
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`carillon: ${message}\n`);
  process.exitCode = 1;
}

/** `carillon …`: every command in a file of its own under commands/. Results go to stdout, everything else to stderr. */
import 'reflect-metadata';
import { alertsCommand } from './commands/alerts.js';
import { clustersCommand } from './commands/clusters.js';
import { configCommand } from './commands/config.js';
import { deadLettersCommand } from './commands/dead-letters.js';
import { demoCommand } from './commands/demo.js';
import { evidenceCommand } from './commands/evidence.js';
import { historyCommand } from './commands/history.js';
import { jobScanCommand } from './commands/job-scan.js';
import { keysCommand } from './commands/keys.js';
import { migrateCommand } from './commands/migrate.js';
import { newCommand } from './commands/new.js';
import { noticesCommand } from './commands/notices.js';
import { remindersCommand } from './commands/reminders.js';
import { runCommand } from './commands/run.js';
import { runsCommand } from './commands/runs.js';
import { schedulesCommand } from './commands/schedules.js';
import { submitCommand } from './commands/submit.js';
import { programOf } from './program.js';

const commands = [runCommand, runsCommand, submitCommand, clustersCommand, remindersCommand, noticesCommand, schedulesCommand, alertsCommand, deadLettersCommand, historyCommand, jobScanCommand, evidenceCommand, configCommand, keysCommand, migrateCommand, newCommand, demoCommand];
const program = programOf(commands.map((command) => command())).description('Scheduled pipelines: on time, once, and it can prove it.').showSuggestionAfterError().showHelpAfterError('(carillon --help lists the commands)');

// A reader that has seen enough, such as `| head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`carillon: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

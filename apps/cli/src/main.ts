/** `carillon …`: every command in a file of its own under commands/. Results go to stdout, everything else to stderr. */
import 'reflect-metadata';
import { Command } from 'commander';
import { programOf } from './program.js';

/** Each is loaded when it is the one asked for: all of them load every library of the house. */
const COMMANDS: Readonly<Record<string, (() => Promise<Command>) | undefined>> = {
  run: async () => (await import('./commands/run.js')).runCommand(),
  runs: async () => (await import('./commands/runs.js')).runsCommand(),
  submit: async () => (await import('./commands/submit.js')).submitCommand(),
  clusters: async () => (await import('./commands/clusters.js')).clustersCommand(),
  reminders: async () => (await import('./commands/reminders.js')).remindersCommand(),
  notices: async () => (await import('./commands/notices.js')).noticesCommand(),
  schedules: async () => (await import('./commands/schedules.js')).schedulesCommand(),
  alerts: async () => (await import('./commands/alerts.js')).alertsCommand(),
  'dead-letters': async () => (await import('./commands/dead-letters.js')).deadLettersCommand(),
  history: async () => (await import('./commands/history.js')).historyCommand(),
  'job-scan': async () => (await import('./commands/job-scan.js')).jobScanCommand(),
  evidence: async () => (await import('./commands/evidence.js')).evidenceCommand(),
  config: async () => (await import('./commands/config.js')).configCommand(),
  keys: async () => (await import('./commands/keys.js')).keysCommand(),
  migrate: async () => (await import('./commands/migrate.js')).migrateCommand(),
  new: async () => (await import('./commands/new.js')).newCommand(),
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
};

/** What parsing needs to know: for help all of them, for a name that is none how the others are spelt. */
async function commandsFor(asked: string): Promise<Command[]> {
  const load = Object.hasOwn(COMMANDS, asked) ? COMMANDS[asked] : undefined;
  if (load !== undefined) return [await load()];
  if (asked !== '' && asked !== 'help' && !asked.startsWith('-')) return Object.keys(COMMANDS).map((name) => new Command(name));
  const all: Command[] = [];
  for (const one of Object.values(COMMANDS)) if (one) all.push(await one());
  return all;
}

// A reader that has seen enough, such as `| head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  const [asked = ''] = process.argv.slice(2);
  await programOf(await commandsFor(asked)).description('Scheduled pipelines: on time, once, and it can prove it.').showSuggestionAfterError().showHelpAfterError('(carillon --help lists the commands)').parseAsync();
} catch (error) {
  process.stderr.write(`carillon: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

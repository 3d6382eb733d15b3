/** The commands as one program. An option belongs to the command that it stands behind: were a filter swallowed by the command above, "redrive --all" would act on everything. */
import { Command } from 'commander';

/** Parsing rejects when options stand in front of a subcommand that would never learn of them. */
export function programOf(commands: readonly Command[]): Command {
  const program = new Command('carillon').enablePositionalOptions();
  for (const command of commands) program.addCommand(positional(command));
  return program;
}

/** Commander copies this setting to nobody, so each level is told. */
function positional(command: Command): Command {
  for (const below of command.commands) positional(below);
  return command.enablePositionalOptions().hook('preSubcommand', (above, below) => {
    const lost = above.options.filter((option) => above.getOptionValueSource(option.attributeName()) === 'cli').map(({ long, short }) => long ?? short);
    if (lost.length > 0) throw new Error(`${lost.join(', ')} in front of "${below.name()}" would not be heeded: say options behind the command that they are for`);
  });
}

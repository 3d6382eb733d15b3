import { durationInWords } from '@carillon/job-scan';
import { Command } from 'commander';
import { configFile } from './config-path.js';

/** `carillon job-scan check-config FILE`: every problem with its line, and exit 1; or what the file means. */
export function jobScanCheckCommand(): Command {
  return new Command('check-config')
    .description('say everything that is wrong with a configuration, or what it means')
    .argument('[file]', 'a YAML file; the one that the service uses unless told')
    .option('--json', 'what it means, with every default, as JSON')
    .action((path: string | undefined, { json }: { json?: true }) => {
      const config = configFile(path).current?.config;
      if (!config) return;
      if (json === true) return void process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
      const enabled = config.sources.filter((source) => source.enabled).length;
      const profiles = config.profiles.map(({ name, recipients }) => `${name} (${recipients.length} ${recipients.length === 1 ? 'recipient' : 'recipients'})`);
      process.stdout.write(`${[...config.warnings.map((warning) => `warning: ${warning}`), `the configuration is right: ${enabled} of ${config.sources.length} sources every ${durationInWords(config.scanIntervalSeconds)}, for ${profiles.join(', ')}`].join('\n')}\n`);
    });
}

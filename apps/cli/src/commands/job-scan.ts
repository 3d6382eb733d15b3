import { Command } from 'commander';
import { boardsCommand } from './job-scan/boards.js';
import { jobScanCheckCommand } from './job-scan/check-config.js';
import { muteCommands } from './job-scan/mute.js';
import { previewCommand, whyCommand } from './job-scan/explain.js';
import { scanCommand } from './job-scan/run.js';

/** `carillon job-scan …`: a scan by hand, and what can be asked about boards, postings and profiles. */
export function jobScanCommand(): Command {
  const command = new Command('job-scan').description('scan job boards by hand, check its configuration, and ask why');
  for (const one of [scanCommand(), boardsCommand(), jobScanCheckCommand(), whyCommand(), previewCommand(), ...muteCommands()]) command.addCommand(one);
  return command;
}

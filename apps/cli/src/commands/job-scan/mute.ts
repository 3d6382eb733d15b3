import { listMutes, muteCompany, mutePosting, unmute } from '@carillon/job-scan';
import { Command } from 'commander';
import { withDatabase } from '../../database.js';
import { cut, table } from '../../output/table.js';

/** `carillon job-scan mute` and `unmute`: what nobody wants to be told of any more. */
export function muteCommands(): Command[] {
  return [
    new Command('mute')
      .description('tell nobody of a posting, or of a company, any more; without options, what is muted')
      .option('--posting <key>', 'a job key, or the beginning of it')
      .option('--company <name>', 'a company')
      .action(async ({ posting, company }: { posting?: string; company?: string }) => {
        await withDatabase(async (dataSource) => {
          if (posting !== undefined) await mutePosting(dataSource, posting);
          if (company !== undefined) await muteCompany(dataSource, company);
          const mutes = await listMutes(dataSource);
          process.stdout.write(mutes.length === 0 ? 'nothing is muted\n' : `${table(['since', 'what', 'name', 'key'], mutes.map(({ at, kind, label, value }) => [at.toISOString(), kind, cut(label, 80), kind === 'posting' ? value.slice(0, 16) : '']))}\n`);
        });
      }),
    new Command('unmute')
      .description('tell of it again, from its next change on')
      .argument('<what>', "a company's name, or a job key or the beginning of it")
      .action(async (what: string) => {
        if (!(await withDatabase((dataSource) => unmute(dataSource, what)))) throw new Error(`"${what}" is not muted: "carillon job-scan mute" lists what is`);
        process.stdout.write(`"${what}" is told of again\n`);
      }),
  ];
}

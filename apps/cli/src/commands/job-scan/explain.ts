import { previewProfile, whyPosting } from '@carillon/job-scan';
import type { WhyAnswer } from '@carillon/job-scan';
import { Command } from 'commander';
import { withDatabase } from '../../database.js';
import { cut, table } from '../../output/table.js';
import { wholeNumber } from '../runs.js';
import { configFile } from './config-path.js';

interface Options {
  config?: string;
  json?: true;
}

/** `carillon job-scan why POSTING PROFILE`: every term, filter and point, and what was decided about telling it. */
export function whyCommand(): Command {
  return new Command('why')
    .description('why a posting matches a profile, or does not')
    .argument('<posting>', 'its address, or its job key or the beginning of it')
    .argument('[profile]', 'the name of the profile', 'default')
    .option('--config <file>', 'the configuration')
    .option('--json', 'everything, as JSON')
    .action(async (posting: string, profile: string, { config, json }: Options) => {
      const loaded = loadedFrom(config);
      const answer = await withDatabase((dataSource) => whyPosting(dataSource, loaded, posting, profile, new Date()));
      process.stdout.write(`${json === true ? JSON.stringify(answer, null, 2) : inWords(answer)}\n`);
    });
}

/** `carillon job-scan preview PROFILE`: against everything that is stored, closed postings too; nobody is told. */
export function previewCommand(): Command {
  return new Command('preview')
    .description('the stored postings that a profile would match, closed ones too, the best first; nobody is told')
    .argument('[profile]', 'the name of the profile', 'default')
    .option('--config <file>', 'the configuration')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .option('--json', 'as a JSON array')
    .action(async (profile: string, { config, json, limit }: Options & { limit: number }) => {
      const loaded = loadedFrom(config);
      const all = await withDatabase((dataSource) => previewProfile(dataSource, loaded, profile, new Date()));
      const shown = all.slice(0, limit);
      if (json === true) process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      else process.stdout.write(`${table(['score', 'title', 'company', 'location', 'closed', 'address'], shown.map((one) => [one.score, cut(one.title, 50), cut(one.company, 25), cut(one.location ?? '', 25), one.closedAt?.toISOString().slice(0, 10) ?? '', cut(one.url, 120)]))}\n${all.length} of the stored postings match\n`);
    });
}

function loadedFrom(path: string | undefined): NonNullable<ReturnType<typeof configFile>['current']> {
  const { current } = configFile(path);
  if (!current) throw new Error('there is no configuration');
  return current;
}

function inWords({ posting, match, summary, snippets, decisions }: WhyAnswer): string {
  return [
    `${cut(posting.title, 100)} at ${cut(posting.company, 60)}${posting.closedAt === null ? '' : ', closed'}`,
    `${match.label}, ${match.score.value} of 100`,
    ...summary.map((line) => `  ${cut(line, 200)}`),
    ...match.score.parts.map((part) => `  ${cut(part, 200)}`),
    ...snippets.map((snippet) => `  “${cut(snippet, 300)}”`),
    ...decisions.map(({ decision, at, version, toldAt }) => `  ${at.toISOString()} version ${version}: ${decision}${toldAt === null ? '' : `, told ${toldAt.toISOString()}`}`),
  ].join('\n');
}

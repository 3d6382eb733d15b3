import { listClusters } from '@carillon/deliberation';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';
import { clusterDiffCommand, clusterReproduceCommand, clusterRunsCommand, clusterShowCommand } from './cluster-stories.js';
import { wholeNumber } from './runs.js';

/** `carillon clusters`: the groups that the submissions fell into, the most supported first. */
export function clustersCommand(): Command {
  const command = new Command('clusters')
    .description('the groups of deliberation')
    .option('--json', 'everything, as a JSON array')
    .option('--archived', 'those whose ballot was tallied, or that died')
    .option('--limit <count>', 'how many', wholeNumber, 200)
    .action(async ({ json, archived, limit }: { json?: true; archived?: true; limit: number }) => {
      const clusters = await withDatabase((dataSource) => listClusters(dataSource, { status: archived === true ? 'archived' : 'open', limit }));
      if (json === true) process.stdout.write(`${JSON.stringify(clusters, null, 2)}\n`);
      else if (clusters.length === 0) process.stdout.write('no clusters yet: submit something, then "carillon run deliberation --wait"\n');
      else process.stdout.write(`${table(['size', 'people', 'title', 'ballot', 'for example'], clusters.map((one) => [one.size, one.supporters, cut(one.title.en ?? '', 50), one.onBallot ? 'on it' : '', cut(one.sampleTitles[0] ?? '', 80)]))}\n`);
    });
  for (const sub of [clusterShowCommand(), clusterRunsCommand(), clusterDiffCommand(), clusterReproduceCommand()]) command.addCommand(sub);
  return command;
}

import { listClusters } from '@carillon/deliberation';
import type { ClusterListing } from '@carillon/deliberation';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';
import { clusterDiffCommand, clusterReproduceCommand, clusterRunsCommand, clusterShowCommand } from './cluster-stories.js';
import { wholeNumber } from './runs.js';

const sleepers = (clusters: readonly ClusterListing[]): string =>
  table(['size', 'endorsed by', 'title', 'asleep since', 'id'], clusters.map((one) => [one.size, one.supporters, cut(one.title.en ?? '', 60), one.dormantSince?.toISOString().slice(0, 16).replace('T', ' ') ?? '', one.id]));

/** `carillon clusters`: the groups that the submissions fell into, the most supported first. */
export function clustersCommand(): Command {
  const command = new Command('clusters')
    .description('the groups of deliberation')
    .option('--json', 'everything, as a JSON array')
    .option('--dormant', 'those that are asleep: no group holds them now, and their endorsements wait for one that does')
    .option('--archived', 'those whose ballot was tallied, or that ended')
    .option('--limit <count>', 'how many', wholeNumber, 200)
    .action(async ({ json, dormant, archived, limit }: { json?: true; dormant?: true; archived?: true; limit: number }) => {
      if (dormant === true && archived === true) throw new Error('--dormant and --archived are two lists: ask for one of them');
      const status = archived === true ? 'archived' : dormant === true ? 'dormant' : 'open';
      const clusters = await withDatabase((dataSource) => listClusters(dataSource, { status, limit }));
      if (json === true) process.stdout.write(`${JSON.stringify(clusters, null, 2)}\n`);
      else if (dormant === true) process.stdout.write(clusters.length === 0 ? 'no cluster is asleep\n' : `${sleepers(clusters)}\n`);
      else if (clusters.length === 0) process.stdout.write('no clusters yet: submit something, then "carillon run deliberation --wait"\n');
      else process.stdout.write(`${table(['size', 'people', 'title', 'ballot', 'for example'], clusters.map((one) => [one.size, one.supporters, cut(one.title.en ?? '', 50), one.onBallot ? 'on it' : '', cut(one.sampleTitles[0] ?? '', 80)]))}\n`);
    });
  for (const sub of [clusterShowCommand(), clusterRunsCommand(), clusterDiffCommand(), clusterReproduceCommand()]) command.addCommand(sub);
  return command;
}

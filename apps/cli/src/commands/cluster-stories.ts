/** `carillon clusters show | runs | diff | reproduce`: where a group came from, what changed between two runs, and whether a grouping can be made again. */
import { clusterStory, diffClusterings, listClusterings, reproduceClustering } from '@carillon/deliberation';
import type { ClusterRun, ClusterStory, ClusteringDiff, GroupChange } from '@carillon/deliberation';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

/** As many names of who came and went as a line holds; all of them with --json. */
const NAMED = 5;

export function clusterShowCommand(): Command {
  return new Command('show')
    .description("one group's whole history")
    .argument('<id>', 'of the group')
    .option('--json', 'everything, as a JSON object')
    .action(async (id: string, { json }: { json?: true }) => {
      if (!isId(id)) throw new Error(`"${id}" is no id of a group: "carillon clusters --json" shows them`);
      const story = await withDatabase((dataSource) => clusterStory(dataSource, id));
      if (!story) throw new Error(`there is no group ${id}: "carillon clusters --json", with --dormant or --archived for those that are not open, shows them`);
      process.stdout.write(json === true ? `${JSON.stringify(story, null, 2)}\n` : told(story));
    });
}

export function clusterRunsCommand(): Command {
  return new Command('runs')
    .description('the groupings of every run')
    .option('--json', 'as a JSON array')
    .option('--limit <count>', 'how many', wholeNumber, 20)
    .action(async ({ json, limit }: { json?: true; limit: number }) => {
      const clusterings = await withDatabase((dataSource) => listClusterings(dataSource, limit));
      if (json === true) process.stdout.write(`${JSON.stringify(clusterings, null, 2)}\n`);
      else process.stdout.write(`${table(['run', 'at', 'model', 'concerns', 'groups', 'noise'], clusterings.map((one) => [one.runId, minute(one.at), one.embeddingModel, one.candidates, one.clusters, one.noise]))}\n`);
    });
}

export function clusterDiffCommand(): Command {
  return new Command('diff')
    .description('what changed from one run to another')
    .argument('<before>', 'a run')
    .argument('<after>', 'a later one')
    .option('--json', 'as a JSON object')
    .action(async (before: string, after: string, { json }: { json?: true }) => {
      for (const id of [before, after]) if (!isId(id)) throw new Error(`"${id}" is no id of a run: "carillon clusters runs" shows them`);
      const diff = await withDatabase((dataSource) => diffClusterings(dataSource, before, after));
      process.stdout.write(json === true ? `${JSON.stringify(diff, null, 2)}\n` : compared(diff));
    });
}

export function clusterReproduceCommand(): Command {
  return new Command('reproduce')
    .description('group the concerns of a run again with what was recorded; exit 1 unless every label is the same')
    .argument('<run>', 'the run')
    .option('--json', 'as a JSON object')
    .action(async (id: string, { json }: { json?: true }) => {
      if (!isId(id)) throw new Error(`"${id}" is no id of a run: "carillon clusters runs" shows them`);
      const made = await withDatabase((dataSource) => reproduceClustering(dataSource, id));
      const { clustering, identical, different, missing, sameVectors } = made;
      if (json === true) process.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
      else if (missing > 0) process.stdout.write(`${missing} of ${clustering.candidates} concerns have vectors of another model now: this grouping can not be made again\n`);
      else if (identical) process.stdout.write(`identical: ${clustering.candidates} labels in ${clustering.clusters} groups and ${clustering.noise} of noise${sameVectors === true ? ', from the very same vectors' : ''}\n`);
      else process.stdout.write(`different: ${different} of ${clustering.candidates} labels, agreement ${made.agreement.toFixed(4)}${sameVectors === false ? '; the vectors are not those of then' : ''}\n`);
      if (!identical) process.exitCode = 1;
    });
}

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
const minute = (at: Date | string): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

function told({ cluster, runs, events, options, ballots, endorsements }: ClusterStory): string {
  const lines = [
    cluster.title.en,
    `  ${cluster.id}, ${cluster.dormantSince === null ? cluster.status : `asleep since ${minute(cluster.dormantSince)}`}${cluster.onBallot ? ', on the ballot' : ''}`,
    `  ${cluster.size} concerns, ${cluster.supporters} people behind it, ${endorsements} endorsements${cluster.stability === null ? '' : `, stability ${cluster.stability.toFixed(2)}${cluster.unstable ? ' (unstable)' : ''}`}`,
    ...(cluster.question ? [`  ${cluster.question.en}`] : []),
    '',
    'What happened',
    ...events.map(({ at, says, seq }) => `  ${minute(at)}  ${says}${seq === null ? '' : `  [${seq}]`}`),
    '',
    'Who came and went',
    ...runs.flatMap(passages),
  ];
  if (options.length > 0) lines.push('', 'Options', ...options.map((one) => `  ${minute(one.at)}  ${one.labels.map(({ en }) => cut(en, 40)).join(' · ')}${one.supersededAt === null ? '' : ' (replaced)'}`));
  if (ballots.length > 0) lines.push('', 'Ballots', ...ballots.map((one) => `  ${minute(one.startedAt)} to ${minute(one.endsAt)}  ${one.result === null ? one.status : one.result.options.map(({ position, votes, share }) => `${position}: ${votes} (${share})`).join(', ')}`));
  return `${lines.join('\n')}\n`;
}

function passages({ runId, at, size, joined, left }: ClusterRun): string[] {
  const named = (sign: string, members: ClusterRun['joined']): string[] => [
    ...members.slice(0, NAMED).map(({ title, because }) => `      ${sign} ${cut(title, 90)}${because === undefined || because === 'regrouped' ? '' : ` (${because})`}`),
    ...(members.length > NAMED ? [`      ${sign} … and ${members.length - NAMED} more`] : []),
  ];
  return [`  ${minute(at)}  ${runId === null ? 'between runs' : `run ${runId}`}: +${joined.length} −${left.length}, ${size} in it`, ...named('+', joined), ...named('−', left)];
}

function compared(diff: ClusteringDiff): string {
  const name = (label: number | undefined, titles: Record<number, string>): string => (label === undefined ? '' : cut(titles[label] ?? `group ${label}`, 45));
  const others = ({ fate, others: labels }: GroupChange): string => {
    const titles = fate === 'merged' || fate === 'new' ? diff.titles.before : diff.titles.after;
    return labels.map((label) => name(label, titles)).join(', ');
  };
  const { common, onlyBefore, onlyAfter, moved, leftNoise, becameNoise, agreement } = diff;
  return [
    `${diff.before.runId} → ${diff.after.runId}: ${diff.identical ? 'identical' : `agreement ${agreement.toFixed(4)} over ${common} concerns`}`,
    `${onlyAfter} concerns came, ${onlyBefore} went; ${moved} moved, ${becameNoise} became noise, ${leftNoise} were noise and are not`,
    '',
    table(['before', 'after', 'what', 'Jaccard', 'size', 'with'], diff.groups.map((one) => [name(one.before, diff.titles.before), name(one.after, diff.titles.after), one.fate, one.jaccard.toFixed(2), `${one.sizeBefore} → ${one.sizeAfter}`, others(one)])),
    '',
  ].join('\n');
}

/**
 * Groups all open concerns anew, and works out which group is which earlier cluster. The arithmetic runs in a thread; everything is written at once, so that a run that
 * dies here has changed nothing.
 */
import { centroid, clusterInWorker, cohesion } from '@carillon/clustering';
import type { ClusterOutcome } from '@carillon/clustering';
import { done, minutes } from '@carillon/engine';
import type { Done, StepContext } from '@carillon/engine';
import { managerOf, newId } from '@carillon/persistence';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { FreshGroup } from '../rules/identity-plan.js';
import { planIdentity } from '../rules/identity-plan.js';
import { evidenceOfIdentity } from '../rules/identity-evidence.js';
import { keepApart } from '../rules/keep-apart.js';
import { matchClusters } from '../rules/match-clusters.js';
import { withNoisePlaced } from '../rules/place-noise.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { DeliberationSettings } from '../settings.js';
import type { VectorSpace } from '../store/candidate-vectors.js';
import { hashOfSpace, readVectorSpaces } from '../store/candidate-vectors.js';
import type { ClusteringRecord } from '../store/clusterings.js';
import { writeClustering } from '../store/clusterings.js';
import { candidatesKnownToLastClustering, candidateTexts, candidateTimes, dormantClusters, openClusters } from '../store/clusters.js';
import { exclusions } from '../store/membership.js';

/** The options of a clustering job, as the settings say. So few points that nobody has as many neighbours as wanted are compared with all of the others. */
export const clusteringOptions = (settings: DeliberationSettings, count: number) => ({
  reduce: { method: settings.clusterReduction, dimensions: settings.clusterDimensions },
  hdbscan: { minClusterSize: settings.minClusterSize, minSamples: Math.max(1, Math.min(settings.clusterMinSamples, count - 1)), selection: settings.clusterSelection, allowSingleCluster: settings.clusterAllowSingle },
});

export const cluster = step('cluster', {
  does: 'Groups all open concerns by meaning and finds out which group is which earlier one.',
  onFailure: 'skipDependents',
  timeout: minutes(60),
  run,
});

/** What later steps are told about each embedding model's result. */
type Clustering = { id: string; embeddingModel: string; candidates: number; clusters: number; noise: number };

/** One embedding model's result. */
interface Clustered {
  space: VectorSpace;
  outcome: ClusterOutcome;
  /** Candidate ids of each label. */
  members: string[][];
}

async function run(context: StepContext<DeliberationServices>): Promise<Done<{ clusterings: Clustering[] }>> {
  const { services, now } = context;
  const { dataSource, settings } = services;
  const clustered = await clusterEverySpace(context);
  const groups = clustered.flatMap(groupsOf);
  const earlier = await openClusters(dataSource.manager);
  const dormant = await dormantClusters(dataSource.manager);
  const known = await candidatesKnownToLastClustering(dataSource.manager);
  const saidAt = dormant.length === 0 ? new Map<string, Date>() : await candidateTimes(dataSource.manager, groups.flatMap(({ members }) => members));
  const sleeping = dormant.map(({ id, members, alive, dormantAt }) => ({ id, members, alive, wasKnown: (candidate: string) => (saidAt.get(candidate) ?? dormantAt) <= dormantAt }));
  const matched = matchClusters(
    earlier,
    groups.map(({ members }) => members),
    { threshold: settings.clusterMatchThreshold, minClusterSize: settings.minClusterSize, wasKnown: (id) => known.has(id), sleeping },
  );
  const matching = keepApart(matched, await exclusions(dataSource.manager));
  const texts = await candidateTexts(dataSource.manager, matching.births.flatMap(({ members }) => members));
  const plan = planIdentity({
    ...{ earlier: [...earlier, ...dormant], groups, matching, newId, growthThreshold: settings.resummarizeGrowthThreshold },
    shapeOf: shapes(clustered, groups),
    textOf: (id) => texts.get(id) ?? { title: { en: '' }, summary: { en: '' } },
  });
  const clusterings = clustered.map((one) => recordOf(one, settings, plan.clusterOfCandidate));
  const notOpen = new Set([...plan.ended, ...plan.asleep]);
  const awake = [...earlier, ...dormant.filter(({ id }) => plan.woken.includes(id))];
  const stillFlagged = awake.filter(({ id, needsResummarize }) => needsResummarize && !notOpen.has(id));
  const flagged = new Set([...plan.born, ...plan.changed.filter(({ needsResummarize }) => needsResummarize), ...stillFlagged].map(({ id }) => id));

  return done({
    counts: {
      candidates: clusterings.reduce((sum, { candidateIds }) => sum + candidateIds.length, 0),
      noise: clusterings.reduce((sum, { noiseCount }) => sum + noiseCount, 0),
      clustersCreated: plan.born.length,
      clustersUpdated: plan.changed.length - plan.woken.length,
      clustersAsleep: plan.asleep.length,
      clustersWoken: plan.woken.length,
      clustersMerged: plan.heirs.length,
      clustersEnded: plan.ended.length,
      clustersNeedingResummarize: flagged.size,
    },
    output: { clusterings: clusterings.map(({ id, embeddingModel, candidateIds, clusterCount, noiseCount }) => ({ id, embeddingModel, candidates: candidateIds.length, clusters: clusterCount, noise: noiseCount })) },
    write: async (transaction) => {
      const manager = managerOf(transaction);
      await writeClustering(manager, { ...plan, runId: context.run.id, now, clusterings });
      await appendEvidence(manager, ...evidenceOfIdentity(matching, plan, context.run.id));
    },
  });
}

async function clusterEverySpace({ services, signal, progress }: StepContext<DeliberationServices>): Promise<Clustered[]> {
  const spaces = await readVectorSpaces(services.dataSource.manager);
  const clustered: Clustered[] = [];
  for (const [index, space] of spaces.entries()) {
    const job = { points: { data: space.data, count: space.candidateIds.length, dimensions: space.dimensions }, ...clusteringOptions(services.settings, space.candidateIds.length) };
    const outcome = withNoisePlaced(services.settings.clusterNoiseReach, await clusterInWorker(job, { signal, onProgress: (fraction) => progress(Math.round(100 * (index + fraction)), 100 * spaces.length) }));
    const members: string[][] = Array.from({ length: outcome.result.clusterCount }, () => []);
    outcome.result.labels.forEach((label, row) => members[label]?.push(space.candidateIds[row] ?? ''));
    clustered.push({ space, outcome, members });
  }
  return clustered;
}

function groupsOf({ space, outcome: { result }, members }: Clustered): FreshGroup[] {
  const probabilities: number[][] = members.map(() => []);
  result.labels.forEach((label, row) => probabilities[label]?.push(result.probabilities[row] ?? 0));
  return members.map((own, label) => ({ embeddingModel: space.model, members: own, probabilities: probabilities[label] ?? [], persistence: result.persistence[label] ?? 0 }));
}

/** Centre and cohesion in the space of the embedding itself, not the reduced one: the centre is compared with new vectors later. */
function shapes(clustered: readonly Clustered[], groups: readonly FreshGroup[]) {
  const spaces = new Map(clustered.map(({ space }) => [space.model, { space, rows: new Map(space.candidateIds.map((id, row) => [id, row])) }]));
  return (group: number, members: readonly string[]): { centroid: Float32Array; cohesion: number } => {
    const found = spaces.get(groups[group]?.embeddingModel ?? '');
    if (!found) throw new Error(`group ${group} is of no embedding model that was read`);
    const points = { data: found.space.data, count: found.space.candidateIds.length, dimensions: found.space.dimensions };
    const rows = members.map((member) => found.rows.get(member) ?? -1);
    return { centroid: Float32Array.from(centroid(points, rows)), cohesion: cohesion(points, rows) };
  };
}

function recordOf({ space, outcome }: Clustered, settings: DeliberationSettings, clusterOf: ReadonlyMap<string, string>): ClusteringRecord {
  const { result, reduction } = outcome;
  const noiseCount = result.labels.filter((label) => label < 0).length;
  return {
    ...{ id: newId(), embeddingModel: space.model, candidateIds: space.candidateIds, clusterCount: result.clusterCount, noiseCount, mstTotal: result.mstTotal },
    parameters: { algorithm: 'hdbscan', metric: 'euclidean', clusterSelectionEpsilon: 0, ...clusteringOptions(settings, space.candidateIds.length).hdbscan, total: space.candidateIds.length, noise: noiseCount, noiseReach: settings.clusterNoiseReach, vectorsSha256: hashOfSpace(space) },
    reduction: { method: reduction.method, dimensions: reduction.dimensions, normalized: reduction.normalize, explainedVariance: reduction.explainedVariance },
    labels: [...result.labels],
    probabilities: [...result.probabilities],
    outlierScores: [...result.outlierScores],
    clusterIds: space.candidateIds.map((id, row) => ((result.labels[row] ?? -1) < 0 ? null : (clusterOf.get(id) ?? null))),
  };
}

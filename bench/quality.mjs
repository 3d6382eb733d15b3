/**
 * What the local providers are worth, judged by people and by the texts themselves, on real conversations that no repository of ours carries: what moderators called not a
 * usable statement, and ways of grouping compared by how well the words of a group belong together, whether half of the people would have given the same groups, and how many
 * groups are still the same after a tenth more was said.
 */
import assert from 'node:assert/strict';
import { adjustedRandIndex, jaccard, takeRows } from '@carillon/clustering';
import { analyzeLocally, contentWords, LocalEmbedder, stemOf } from '@carillon/language';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseFlags } from '../tools/options.mjs';
import { phase, say } from '../tools/progress.mjs';
import { root } from './lib/bench-folder.mjs';
import { describeMachine } from './lib/machine.mjs';
import { groupsOf, npmiCoherence } from './lib/quality/coherence.mjs';
import { group, predict } from './lib/quality/grouping.mjs';
import { seededRandom } from './lib/random.mjs';
import { printed, rounded } from './lib/result.mjs';

const FLAGS = { json: 'one JSON object on stdout', quick: 'the sample that ships and few ways, to see that it works: no figures to quote', help: 'this text' };
const SAMPLE = join(root, 'libs/pipelines/deliberation/sample/submissions.jsonl');
const SPLITS = 4;
const GROWTH = [0.8, 0.9, 1];

try {
  const flags = parseFlags(process.argv.slice(2), FLAGS);
  if (flags.help) process.stdout.write(`npm run bench -- quality [options]\n${Object.entries(FLAGS).map(([name, text]) => `  --${name.padEnd(6)} ${text}\n`).join('')}`);
  else process.stdout.write(printed(await quality(flags.quick), flags));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function quality(quick) {
  const figures = {};
  for (const [name, file] of quick ? [['sample', SAMPLE]] : ['bowling-green', 'nz-biodiversity'].map((one) => [one, conversation(one)])) {
    const comments = readComments(file);
    Object.assign(figures, prefixed(name, rejectionOf(comments)));
    const { usable, points } = await phase(`  ${name}: vectors`, () => embedded(comments.filter(({ reading }) => reading.usable)));
    const parts = partsOf(points);
    for (const variant of variants(quick)) {
      const measured = await phase(`  ${name}: ${wordsOf(variant)}`, () => measure(parts, usable, variant));
      say(`${name} ${wordsOf(variant).padEnd(24)} ${Object.entries(measured).map(([key, value]) => `${key} ${value}`).join('  ')}`);
      Object.assign(figures, prefixed(`${name} ${wordsOf(variant)}`, measured));
    }
  }
  return { bench: 'quality', machine: describeMachine({ postgres: 'not used', natsServer: 'not used' }), figures, ratios: {}, exponents: {}, peers: {} };
}

/** Where `CARILLON_REFERENCE_DATA` says, else in a folder `data` of a neighbour of the checkout. */
function conversation(name) {
  const folders = process.env.CARILLON_REFERENCE_DATA ? [process.env.CARILLON_REFERENCE_DATA] : readdirSync(dirname(root)).map((neighbour) => join(dirname(root), neighbour, 'data'));
  const file = folders.map((folder) => join(folder, `polis/${name}.jsonl`)).find((path) => existsSync(path));
  assert.ok(file, `polis/${name}.jsonl is open data that is not in the repository: CARILLON_REFERENCE_DATA names the folder that holds it`);
  return file;
}

function readComments(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line)).map((comment) => ({ ...comment, reading: analyzeLocally(comment.text) }));
}

/** Of the comments that are not a usable statement: how many of those that the rules refuse are such, and how many of them the rules refuse. */
function rejectionOf(comments) {
  const bad = ({ moderated }) => moderated === -1;
  const refused = comments.filter(({ reading }) => !reading.usable);
  const hit = refused.filter(bad).length;
  return { refused: refused.length, rejectionPrecision: rounded(hit / refused.length || 0, 3), rejectionRecall: rounded(hit / comments.filter(bad).length || 0, 3), acceptedRefused: refused.length - hit };
}

/** Vectors of two models are never compared, so the few comments in another language than the most are left out. */
async function embedded(comments) {
  const embedder = new LocalEmbedder();
  try {
    const vectors = await embedder.embed(comments.map(({ reading }) => reading.summary));
    const [rows] = modelsOf(vectors);
    return { usable: rows.map((row) => comments[row]), points: { data: Float32Array.from(rows.flatMap((row) => [...vectors[row].vector])), count: rows.length, dimensions: vectors[rows[0]].vector.length } };
  } finally {
    await embedder.close();
  }
}

/** The rows of each model, the most frequent first. */
function modelsOf(vectors) {
  const rows = new Map();
  vectors.forEach(({ model }, row) => rows.set(model, [...(rows.get(model) ?? []), row]));
  return [...rows.values()].sort((one, other) => other.length - one.length);
}

function* variants(quick) {
  const reductions = quick ? [['pca', 15], ['pca', 25]] : [['none', 0], ['pca', 10], ['pca', 15], ['pca', 25], ['pca', 40], ['umap', 10]];
  for (const [reduction, dimensions] of reductions) for (const selection of ['eom', 'leaf']) for (const reach of quick ? [0, 0.9] : [0, 0.5, 0.8, 0.95]) yield { reduction, dimensions, selection, reach };
}

function wordsOf({ reduction, dimensions, selection, reach }) {
  return `${reduction}${dimensions || ''} ${selection}${reach > 0 ? ` reach ${reach}` : ''}`;
}

/** All points, halves of them drawn by chance, and what had been said at some times: made once, so that whatever is fitted to them is fitted once. */
function partsOf(points) {
  const halves = Array.from({ length: SPLITS }, (_, seed) => {
    const random = seededRandom(seed + 1);
    const order = Array.from({ length: points.count }, (_unused, row) => [random.uniform(), row]).sort(([a], [b]) => a - b).map(([, row]) => row);
    return [order.slice(0, order.length / 2), order.slice(order.length / 2)].map((rows) => takeRows(points, rows));
  });
  const grown = GROWTH.map((share) => (share === 1 ? points : takeRows(points, Array.from({ length: Math.round(points.count * share) }, (_, row) => row))));
  return { points, halves, grown };
}

async function measure({ points, halves, grown }, comments, variant) {
  const documents = comments.map(({ text }) => contentWords(text).map(stemOf));
  const { labels } = group(points, variant);
  const sizes = groupsOf(labels).map((members) => members.length);
  const agreed = halves.map((half) => halvesAgree(half, variant));
  return {
    clusters: sizes.length,
    noise: rounded([...labels].filter((label) => label < 0).length / points.count, 3),
    largest: rounded(Math.max(0, ...sizes) / points.count, 3),
    npmi: rounded(npmiCoherence(documents, labels) || 0, 3),
    halvesAri: rounded(mean(agreed.map(({ ari }) => ari)), 3),
    halvesCovered: rounded(mean(agreed.map(({ covered }) => covered)), 3),
    keptIdentity: rounded(keptIdentity(grown, variant), 3),
  };
}

/** One half's own groups against those that the other half's would put it in, over the points that both put somewhere. */
function halvesAgree([one, other], variant) {
  const [first, second] = [group(one, variant), group(other, variant)];
  const told = predict(first, other, variant);
  const both = [...told.keys()].filter((row) => told[row] >= 0 && second.labels[row] >= 0);
  if (both.length === 0) return { ari: 0, covered: 0 };
  return { ari: adjustedRandIndex(Int32Array.from(both, (row) => told[row]), Int32Array.from(both, (row) => second.labels[row])), covered: both.length / told.length };
}

/** The share of groups that have a group like them, by a Jaccard index of a half over what both knew, after a tenth more was said; in the order in which it was said. */
function keptIdentity(grown, variant) {
  const groupings = grown.map((points) => group(points, variant).labels);
  const kept = groupings.slice(1).map((labels, index) => {
    const before = groupsOf(groupings[index]);
    const after = groupsOf(labels.slice(0, groupings[index].length));
    return mean(before.map((members) => (after.some((others) => jaccard(new Set(members), new Set(others)) >= 0.5) ? 1 : 0)));
  });
  return mean(kept);
}

function prefixed(prefix, values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix} ${key}`, value]));
}

function mean(values) {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * One whole cycle on what a town really said: the comments of Bowling Green, Kentucky, of 2018, and what its people agreed with. Everybody does here what they did there,
 * through the doors that they would use: comments are imported in three parts with a run after each, people endorse the concerns that they agreed with, a ballot opens, they
 * vote as they agreed, and the evidence is checked as a stranger would.
 */
import { castVote, computeDailyRoots, currentCycle, DeliberationSettings, endorse, exportEvidence, Intake, listClusters, listEvidenceRoots, pastCycles, proveEvidence, sealPending, Accounts, verifyEvidence } from '@carillon/deliberation';
import type { Selection } from '@carillon/deliberation';
import { entryHash, verifyInclusion } from '@carillon/evidence';
import { databaseNow } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import { cut, table } from '../output/table.js';
import { agreementByCluster, endorses, readComments, readParticipants } from './opinions.js';
import type { Comment, Participant } from './opinions.js';
import type { ScratchHouse } from './scratch-house.js';

export interface Story {
  comments: string;
  votes: string;
  /** How many of the participants take part, the first ones of the file; all unless told. */
  participants?: number;
  /** How many of the comments; all unless told. */
  limit?: number;
  /** Supporters that put a concern on the ballot. */
  gate: number;
}

/** What the same story must always tell. */
export interface Numbers {
  accepted: number;
  rejected: number;
  /** After each run: clusters, concerns in none of them, how many of the clusters before are still the same, and what became of the others. */
  runs: { clusters: number; noise: number; survived: number; before: number; fellAsleep: number; woke: number; merged: number }[];
  /** Concerns that were in no cluster after the first run and are in one after the last. */
  outOfNoise: number;
  endorsements: number;
  /** Where they are after the last run, each person's endorsement of each concern by itself, so that a merge, which counts a person once, loses none: sums to all. */
  endorsed: Standing;
  ballot: number;
  voters: number;
  selections: number;
  entries: number;
  evidence: boolean;
  proofs: number;
}

/** Endorsements whose concern, or the one that it merged into, is open, asleep, or neither. */
interface Standing {
  open: number;
  asleep: number;
  lost: number;
}

interface Endorsed {
  accountId: string;
  clusterId: string;
}

const IMPORTER = { name: 'demo', rights: ['submit' as const, 'import' as const] };
const AT_ONCE = 8;
const LINES = 200;
/** How the comments are parted between the runs: most of them first, then what a week would bring. */
const PARTS = [0.8, 0.9, 1];

export async function tellBowlingGreen(house: ScratchHouse, story: Story, say: (line: string) => void): Promise<Numbers> {
  const comments = readComments(story.comments).slice(0, story.limit);
  const participants = readParticipants(story.votes).slice(0, story.participants);
  // Until the third run concerns are only collected: a gate that nobody can pass.
  const collecting = { minPreballotEndorsements: 1_000_000, autoCycleCooldownHours: 0 };
  const voting = { ...collecting, minPreballotEndorsements: story.gate };
  const intake = new Intake(house.services(collecting));
  const counts = { accepted: 0, rejected: 0 };
  const runs: Numbers['runs'] = [];
  let [endorsements, known, firstNoise]: [Endorsed[], string[], Set<string>] = [[], [], new Set()];

  for (const [index, part] of PARTS.entries()) {
    const [from, to] = [Math.round(comments.length * (PARTS[index - 1] ?? 0)), Math.round(comments.length * part)];
    say(`\n${index + 1}. ${to - from} comments are submitted, ${to} in all`);
    for (const [outcome, count] of await submit(intake, comments.slice(from, to))) counts[outcome === 'rejected' ? 'rejected' : 'accepted'] += count;
    const run = await house.run(collecting);
    const clusters = await listClusters(house.dataSource, { limit: 1_000 });
    const ids = new Set(clusters.map(({ id }) => id));
    const survived = known.filter((id) => ids.has(id)).length;
    runs.push({ clusters: clusters.length, noise: run.counts['noise'] ?? 0, survived, before: known.length, fellAsleep: run.counts['clustersAsleep'] ?? 0, woke: run.counts['clustersWoken'] ?? 0, merged: run.counts['clustersMerged'] ?? 0 });
    tellRun(run, runs[index], say);
    if (index === 0) {
      say(table(['size', 'people', 'title'], clusters.slice(0, 10).map((one) => [one.size, one.supporters, cut(one.title.en ?? '', 60)])));
      firstNoise = await unclustered(house);
      endorsements = await endorseAll(house, participants, say);
    }
    known = [...ids];
  }
  const stillNoise = await unclustered(house);
  const outOfNoise = [...firstNoise].filter((id) => !stillNoise.has(id)).length;
  const endorsed = await standing(house, endorsements);
  say(`   of ${firstNoise.size} concerns that were alone after the first run, ${outOfNoise} have found company; the others are tried again with every run`);
  say(`   of ${endorsements.length} endorsements ${endorsed.open} are with an open concern (${share(endorsed.open, endorsements.length)}), ${endorsed.asleep} with one that sleeps and may wake, ${endorsed.lost} are lost`);

  say(`\n4. The ballot: every concern with ${story.gate} supporters or more`);
  await house.run(voting);
  const ballot = await currentCycle(house.dataSource);
  if (ballot === undefined) throw new Error(`no ballot opened: no concern has ${story.gate} supporters; take more participants`);
  say(`   ${ballot.items.length} questions, open until ${ballot.endsAt.toISOString()}`);
  const { voters, selections } = await voteAll(house, participants, ballot.id, say);

  say('\n5. The time is up');
  await house.advance(49);
  await house.run(voting);
  const [result] = await pastCycles(house.dataSource, 1);
  if (result?.results == null) throw new Error('the ballot was not tallied');
  say(`   ${result.totalVoters} people voted`);
  const titles = new Map(ballot.items.map(({ clusterId, title }) => [clusterId, title.en]));
  const rows = result.results.items.map(({ cluster_id, options, skipped }) => [cut(titles.get(cluster_id) ?? '', 46), ...[1, 2].map((at) => options.find(({ position }) => position === at)?.votes ?? 0), skipped]);
  say(table(['concern', 'support', 'oppose', 'no answer'], rows));

  const { entries, evidence, proofs } = await checkEvidence(house, say);
  return { ...counts, runs, outOfNoise, endorsements: endorsements.length, endorsed, ballot: ballot.items.length, voters, selections, entries, evidence, proofs };
}

async function submit(intake: Intake, comments: readonly Comment[]): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  for (let start = 0; start < comments.length; start += LINES) {
    const lines = comments.slice(start, start + LINES).map(({ author, text, externalId, submittedAt }) => ({ author, text, externalId, submittedAt }));
    for (const { outcome } of await intake.import(IMPORTER, lines)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

function tellRun({ status, errors }: RunHistory, told: Numbers['runs'][number] | undefined, say: (line: string) => void): void {
  if (status !== 'succeeded') throw new Error(`the run ended as ${status}: ${errors.join('; ')}`);
  if (told === undefined) return;
  say(`   run: ${told.clusters} clusters, ${told.noise} concerns in none of them`);
  if (told.before === 0) return;
  const { survived, before, merged, fellAsleep, woke } = told;
  say(`   ${survived} of ${before} clusters kept their identity (${share(survived, before)}); ${merged} merged into others, ${fellAsleep} fell asleep, ${woke} woke`);
}

const share = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;

/** Endorsing, each for everything they agreed with, as the first clusters stand. */
async function endorseAll(house: ScratchHouse, participants: readonly Participant[], say: (line: string) => void): Promise<Endorsed[]> {
  const accounts = new Accounts(house.dataSource);
  const members = await membersByCluster(house);
  const linkedAt = new Date((await databaseNow(house.dataSource.manager)).getTime() - 30 * 86_400_000);
  const endorsements: Endorsed[] = [];
  await atOnce(participants, async ({ participant, ...opinion }) => {
    const { id } = await accounts.register({ ref: participant, emailVerified: true, messagingVerified: true, linkedAt });
    for (const [clusterId, agreement] of agreementByCluster(members, opinion)) {
      if (endorses(agreement) && (await endorse(house.dataSource, { accountId: id, clusterId })) === 'endorsed') endorsements.push({ accountId: id, clusterId });
    }
  });
  say(`   ${participants.length} people endorse what they agreed with: ${endorsements.length} endorsements`);
  return endorsements;
}

/** Voting, for or against each question as they agreed or disagreed with its comments; who did neither leaves it out. */
async function voteAll(house: ScratchHouse, participants: readonly Participant[], cycleId: string, say: (line: string) => void): Promise<{ voters: number; selections: number }> {
  const accounts = new Accounts(house.dataSource);
  const members = await membersByCluster(house);
  const ballot = new Map((await currentCycle(house.dataSource))?.items.map(({ clusterId, options }) => [clusterId, options]));
  const rules = { minAccountAgeHours: 48, requireContribution: new DeliberationSettings().requireContributionForVote, maxVotes: 2 };
  let [voters, selections, refused] = [0, 0, 0];
  await atOnce(participants, async ({ participant, ...opinion }) => {
    const account = await accounts.find(participant);
    const chosen = [...agreementByCluster(members, opinion)].flatMap(([clusterId, agreement]): Selection[] => {
      const option = ballot.get(clusterId)?.[agreement.agreed > agreement.disagreed ? 0 : 1];
      return option === undefined || agreement.agreed === agreement.disagreed ? [] : [{ cluster_id: clusterId, option_id: option.id }];
    });
    if (account === undefined || chosen.length === 0) return;
    const cast = await castVote(house.dataSource, { accountId: account.id, cycleId, selections: chosen }, rules);
    if (cast.kind === 'refused') refused += 1;
    else [voters, selections] = [voters + 1, selections + chosen.length];
  });
  say(`   ${voters} people vote, with ${selections} answers${refused > 0 ? `; ${refused} may not, having contributed nothing` : ''}`);
  return { voters, selections };
}

/** What a stranger would do: the whole chain, then three entries by their proofs alone. */
async function checkEvidence(house: ScratchHouse, say: (line: string) => void): Promise<Pick<Numbers, 'entries' | 'evidence' | 'proofs'>> {
  await sealPending(house.dataSource);
  await house.advance(24);
  await computeDailyRoots(house.dataSource);
  await sealPending(house.dataSource);
  const verdict = await verifyEvidence(house.dataSource);
  say(`\n6. The evidence: ${verdict.valid ? 'verified' : 'BROKEN'}, ${verdict.checked} entries and ${verdict.roots.checked} daily roots`);
  const wanted = new Map<string, number>();
  for await (const { event_type, seq } of exportEvidence(house.dataSource)) if (!wanted.has(event_type)) wanted.set(event_type, seq);
  const roots = new Map((await listEvidenceRoots(house.dataSource)).map(({ day, merkle_root }) => [day, merkle_root]));
  let proofs = 0;
  for (const event of ['submission_received', 'policy_endorsed', 'vote_cast']) {
    const proof = await proveEvidence(house.dataSource, wanted.get(event) ?? 0);
    if (typeof proof === 'string') throw new Error(`the first ${event} can not be proven: ${proof}`);
    const holds = verifyInclusion(entryHash(proof.entry), proof.proof, roots.get(proof.root.day) ?? '');
    say(`   ${holds ? 'proven' : 'NOT PROVEN'}: entry ${proof.entry.seq}, ${event}, by ${proof.proof.length} hashes under the root of ${proof.root.day}`);
    proofs += holds ? 1 : 0;
  }
  return { entries: verdict.checked, evidence: verdict.valid, proofs };
}

/** The comments' numbers in each open cluster. */
async function membersByCluster({ dataSource }: ScratchHouse): Promise<Map<string, number[]>> {
  const rows = await dataSource.query<{ id: string; numbers: number[] }[]>(
    `SELECT c.id, array_agg(split_part(s.external_id, '/', 2)::int ORDER BY s.external_id) AS numbers
     FROM deliberation.cluster c JOIN deliberation.cluster_member m ON m.cluster_id = c.id JOIN deliberation.candidate k ON k.id = m.candidate_id JOIN deliberation.submission s ON s.id = k.submission_id
     WHERE c.status = 'open' GROUP BY c.id ORDER BY c.id`,
  );
  return new Map(rows.map(({ id, numbers }) => [id, numbers]));
}

async function unclustered({ dataSource }: ScratchHouse): Promise<Set<string>> {
  const rows = await dataSource.query<{ id: string }[]>('SELECT k.id FROM deliberation.candidate k WHERE NOT EXISTS (SELECT FROM deliberation.cluster_member m WHERE m.candidate_id = k.id)');
  return new Set(rows.map(({ id }) => id));
}

/** Follows each endorsement to where its concern is now: a merge hands it on, and what the database has no row of any more is lost. */
async function standing({ dataSource }: ScratchHouse, endorsements: readonly Endorsed[]): Promise<Standing> {
  const [row] = await dataSource.query<Standing[]>(
    `WITH RECURSIVE given AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS g (account_id, cluster_id)),
     lineage AS (
       SELECT DISTINCT cluster_id AS first, cluster_id AS now FROM given
       UNION SELECT l.first, h.other_cluster_id FROM lineage l JOIN deliberation.cluster_change h ON h.cluster_id = l.now AND h.kind = 'merge'
     ), here AS (
       SELECT (SELECT c.status FROM lineage l JOIN deliberation.cluster c ON c.id = l.now JOIN deliberation.endorsement e ON e.cluster_id = c.id AND e.account_id = g.account_id
         WHERE l.first = g.cluster_id AND c.status <> 'archived') AS status FROM given g
     )
     SELECT count(*) FILTER (WHERE status = 'open')::int AS open, count(*) FILTER (WHERE status = 'dormant')::int AS asleep, count(*) FILTER (WHERE status IS NULL)::int AS lost FROM here`,
    [endorsements.map(({ accountId }) => accountId), endorsements.map(({ clusterId }) => clusterId)],
  );
  return row ?? { open: 0, asleep: 0, lost: endorsements.length };
}

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}


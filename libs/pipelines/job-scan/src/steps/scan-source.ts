/**
 * One board: read, compared with what is known, matched, and written with everything that follows from it in one transaction. What is planned here holds only while nobody
 * else writes about the board; the write checks that.
 */
import type { EntityManager } from 'typeorm';
import type { SourceConfig } from '../config/config.js';
import type { LoadedConfig } from '../config/config-file.js';
import type { Match, Source } from '../entities.js';
import { summaryOf } from '../matching/summary.js';
import { decideAlert, isTold } from '../rules/alerting.js';
import { healthAfter } from '../rules/board-health.js';
import type { HealthDecision } from '../rules/board-health.js';
import { changesBetween, isCosmetic } from '../rules/changes.js';
import type { Changes } from '../rules/changes.js';
import { normalise } from '../rules/normalise.js';
import type { NormalPosting } from '../rules/normalise.js';
import { planScan } from '../rules/plan-scan.js';
import type { ScanPlan } from '../rules/plan-scan.js';
import { sameJob } from '../rules/similarity.js';
import type { JobScanServices } from '../services.js';
import { hasDetails, readBoard, readerOf } from '../sources/read-board.js';
import type { NewAlert } from '../store/alerts.js';
import { writeAlerts } from '../store/alerts.js';
import { forgetProfiles, writeMatches } from '../store/matches.js';
import type { Mutes } from '../store/mutes.js';
import type { PostingBefore } from '../store/postings.js';
import { closedAlike, closePostings, firstSeenOf, insertPostings, openPostings, postingsBefore, postingsByKey, reopenPostings, storedPostings, updatePostings } from '../store/postings.js';
import { writeSourceRun } from '../store/results.js';
import { sourceState, writeReading } from '../store/sources.js';
import { alertContent } from './alert-content.js';
import { tellOfBoard } from './board-notice.js';

export interface ScanContext {
  services: JobScanServices;
  loaded: LoadedConfig;
  mutes: Mutes;
  runId: string;
  /** One instant for the whole run. */
  now: Date;
  signal: AbortSignal;
}

export interface ScannedSource {
  counts: Record<'fetched' | 'normalized' | 'upserted' | 'matched' | 'closed' | 'reopened', number>;
  problems: string[];
  write(manager: EntityManager): Promise<void>;
}

/** Details of postings are read again after this, also when the board's list says nothing new. */
const DETAILS_HOLD_MS = 86_400_000;

type Writes = Omit<ScanPlan, 'unchanged'>;
const NOTHING_TO_WRITE: Writes = { inserts: [], updates: [], facts: [], reopened: [], closed: [] };

/** @throws whatever keeps the board from being read */
export async function scanSource(source: SourceConfig, context: ScanContext): Promise<ScannedSource> {
  const { services, loaded, now, signal, runId } = context;
  const { config } = loaded;
  const began = performance.now();
  const { manager } = services.dataSource;
  const state = await sourceState(services.dataSource, source);
  // Postings carry the name that the configuration gives the board, so under another name none of them is as it was.
  // So do they the version of what read them: the same bytes may say something else to another one.
  const reader = readerOf(source);
  const remembers = state.name === source.name && state.readBy === reader;
  // Asked for when they decide something: a board that is as it was needs none of its rows. The write refuses when somebody else wrote since the state was read.
  let stored = hasDetails(source) ? await storedPostings(manager, state) : undefined;
  const entries = new Map((stored ?? []).flatMap((one) => (remembers && one.entryHash !== null && !one.closed && one.entryReadAt && now.getTime() - one.entryReadAt.getTime() < DETAILS_HOLD_MS ? [[one.externalId, one.entryHash] as const] : [])));
  const listing = await readBoard(source, services.fetcher(config.advanced), { cap: config.advanced.maxJobsPerSource, ...(remembers && { validators: state.validators, bodyHash: state.bodyHash ?? undefined }), entries, signal });
  stored ??= listing.unchanged ? [] : await storedPostings(manager, state);
  const fetched = listing.postings.map((raw) => normalise(raw, source, listing.entryHashes.get(raw.externalId) ?? null));
  const count = listing.unchanged ? (state.lastCount ?? 0) : fetched.length + listing.known.length;
  const health = healthAfter(state, { kind: 'read', count }, config.alerts.boardFailures);
  // What could not be read may be there all the same, so a reading with problems closes nothing.
  const complete = listing.cappedBy === undefined && listing.problems.length === 0;
  const plan: Writes = listing.unchanged ? NOTHING_TO_WRITE : planScan(stored, fetched, { known: listing.known, closes: health.closes && complete, source });
  // The very bytes that another version read: whatever differs now was there before, and is no news.
  const reread = !listing.unchanged && listing.bodyHash !== undefined && listing.bodyHash === state.bodyHash;
  const looked = await lookAt(source, state, plan, { ...context, reread });
  return {
    counts: { fetched: count + listing.problems.length, normalized: count, upserted: plan.inserts.length + plan.updates.length, matched: looked.matches.length, closed: plan.closed.length, reopened: plan.reopened.length },
    problems: listing.problems,
    write: async (transaction) => {
      // A reading that is not believed, or was not whole, is no reason to answer "unchanged" to the next one.
      const settled = health.closes && listing.problems.length === 0;
      const remembered = settled ? { validators: listing.validators, bodyHash: listing.bodyHash ?? null } : { validators: {}, bodyHash: null };
      await writeReading(transaction, state, { at: now, health: health.health, complete, name: source.name, ...remembered, cappedBy: listing.cappedBy ?? null, profiles: loaded.versions, readBy: reader });
      await writePlan(transaction, state, plan, now);
      if (looked.forgets) await forgetProfiles(transaction, state, Object.keys(loaded.versions));
      await writeMatches(transaction, { keys: looked.relooked, profiles: Object.keys(loaded.versions) }, looked.matches);
      await writeAlerts(transaction, state, looked.alerts, { runId, at: now, onceAcrossBoards: config.alerts.onceAcrossBoards });
      await tellOfHealth(transaction, source, health, context);
      await writeSourceRun(transaction, {
        ...{ runId, type: state.type, identifier: state.identifier, name: source.name, at: now, fetched: count + listing.problems.length, normalized: count, upserted: plan.inserts.length + plan.updates.length, matched: looked.matches.length },
        ...{ closed: plan.closed.length, reopened: plan.reopened.length, unchanged: listing.unchanged, cappedBy: listing.cappedBy ?? null, problems: listing.problems.slice(0, 20), error: null, durationMs: Math.round(performance.now() - began) },
      });
    },
  };
}

interface Looked {
  matches: Match[];
  alerts: NewAlert[];
  /** Stored postings that were matched anew. */
  relooked: string[];
  /** Profiles were removed from the configuration. */
  forgets: boolean;
}

/** Matches what is new or changed with every profile, and what stayed with the profiles that changed. */
async function lookAt(source: SourceConfig, state: Source, plan: Writes, context: ScanContext & { reread: boolean }): Promise<Looked> {
  const { services, loaded, now, reread } = context;
  const stale = new Set(Object.entries(loaded.versions).flatMap(([name, version]) => (state.profiles[name] === version ? [] : [name])));
  const profiles = new Map(loaded.config.profiles.map((profile) => [profile.name, profile]));
  const found: Looked = { matches: [], alerts: [], relooked: plan.updates.map(({ jobKey }) => jobKey), forgets: Object.keys(state.profiles).some((name) => !profiles.has(name)) };
  const look = (posting: NormalPosting & { firstSeenAt: Date }, only: ReadonlySet<string> | undefined, { before, again }: { before?: PostingBefore | undefined; again?: Date | undefined } = {}): void => {
    let changes: Changes | undefined;
    for (const match of loaded.matcher.matches(posting, now)) {
      const profile = profiles.get(match.profile);
      if (!profile || only?.has(match.profile) === false) continue;
      const first = state.firstScannedAt === null || !Object.hasOwn(state.profiles, profile.name);
      changes ??= before && changesBetween(before, posting);
      // Somebody who was not told of the version before is told of this one, however alike they are.
      const cosmetic = changes !== undefined && (reread || isCosmetic(changes)) && before?.settledFor.includes(profile.name) === true;
      const decision = decideAlert(profile, loaded.config.alerts.firstScan, { score: match.score.value, first, muted: context.mutes.holds(posting), cosmetic });
      const summary = summaryOf(match);
      // What is not told needs no words.
      const content = isTold(decision) ? alertContent(posting, match, { profile, source: source.name, now, summary, again, changes }) : {};
      found.alerts.push({ jobKey: posting.jobKey, contentHash: posting.contentHash, profile, decision, likeness: posting.likeness, description: posting.description, content });
      found.matches.push({ jobKey: posting.jobKey, profile: profile.name, profileVersion: loaded.versions[profile.name] ?? '', contentHash: posting.contentHash, score: match.score.value, summary, matchedAt: now });
    }
  };
  // What a board takes away and posts anew has another id, and is told as what it is.
  const closed = state.firstScannedAt === null ? [] : await closedAlike(services.dataSource.manager, state, plan.inserts.map(({ likeness }) => likeness), plan.closed);
  for (const posting of plan.inserts) look({ ...posting, firstSeenAt: now }, undefined, { again: closed.find((one) => one.likeness === posting.likeness && sameJob(one, posting))?.firstSeenAt });
  const before = await postingsBefore(services.dataSource.manager, found.relooked);
  // Another text makes no other posting: what was seen long ago is not new, neither to a filter by age nor in what is told.
  for (const posting of plan.updates) look({ ...posting, firstSeenAt: before.get(posting.jobKey)?.firstSeenAt ?? now }, undefined, { before: before.get(posting.jobKey) });
  // The same text with other facts may pass a filter that it did not pass; what was told of it stands.
  const known = await firstSeenOf(services.dataSource.manager, plan.facts.map(({ jobKey }) => jobKey));
  for (const posting of plan.facts) {
    look({ ...posting, firstSeenAt: known.get(posting.jobKey) ?? now }, undefined);
    found.relooked.push(posting.jobKey);
  }
  // Profiles may have changed while it was closed. What was told of it then is not told again.
  const changed = new Set(found.relooked);
  for (const posting of await postingsByKey(services.dataSource.manager, plan.reopened.filter((key) => !changed.has(key)))) {
    look(posting, undefined);
    found.relooked.push(posting.jobKey);
  }
  if (stale.size === 0) return found;
  const done = new Set([...found.relooked, ...plan.closed]);
  for await (const posting of openPostings(services.dataSource.manager, state)) {
    if (done.has(posting.jobKey)) continue;
    look(posting, stale);
    found.relooked.push(posting.jobKey);
  }
  return found;
}

async function writePlan(manager: EntityManager, state: Source, { inserts, updates, facts, closed, reopened }: Writes, at: Date): Promise<void> {
  await insertPostings(manager, state, inserts, at);
  await updatePostings(manager, [...updates, ...facts], at);
  await closePostings(manager, closed, { lastSeenAt: state.lastCompleteAt ?? at, at });
  await reopenPostings(manager, reopened, at);
}

async function tellOfHealth(manager: EntityManager, source: SourceConfig, { tell, health }: HealthDecision, { loaded, runId }: ScanContext): Promise<void> {
  if (tell) await tellOfBoard(manager, loaded.config, { source, state: tell, failures: health.failuresInRow, runId });
}

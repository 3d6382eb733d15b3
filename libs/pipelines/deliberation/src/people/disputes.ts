/**
 * Contesting how one's text was understood, which group it is in, or whether a group is one concern. The row is there before anything is judged, so that a dispute is resolved even when
 * this process dies; what is judged, and on which figures, goes into the evidence.
 */
import type { JsonObject } from '@carillon/engine';
import { decodeVector, findHighRiskPii } from '@carillon/language';
import { databaseNow, inTransaction, newId } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { DisputeKind } from '../entities-people.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import { readTexts } from '../intake/read-submission.js';
import type { Finding } from '../rules/disputes.js';
import { judgeMisleadingTitle, judgeMisunderstood, judgeNotOneConcern, judgeWrongGroup } from '../rules/disputes.js';
import type { DeliberationServices } from '../services.js';
import { candidateRow, insertCandidates } from '../store/candidates.js';
import { HELD } from '../store/clusters.js';
import { mayTakePart } from '../store/endorsements.js';
import { takeOut } from '../store/membership.js';

export interface NewDispute {
  accountId: string;
  kind: DisputeKind;
  /** Of a submission: `misunderstood` or `wrong_group`, and only one's own. */
  submissionId?: string;
  /** Of a cluster: `not_one_concern` or `misleading_title`, by anyone who may take part. */
  clusterId?: string;
  /** What the person adds, in its own words; stays private. */
  note?: string;
}

export interface DisputeListing {
  id: string;
  kind: DisputeKind;
  submissionId: string | null;
  clusterId: string | null;
  status: 'open' | 'upheld' | 'refused';
  finding: JsonObject | null;
  openedAt: Date;
  resolvedAt: Date | null;
}

export type DisputeRefusal = 'not_found' | 'on_a_ballot' | 'already_open' | 'not_eligible' | 'personal_data' | 'nothing_to_dispute';
export type DisputeResult = { kind: 'resolved'; dispute: DisputeListing } | { kind: 'refused'; reason: DisputeRefusal };

export async function openDispute(services: DeliberationServices, dispute: NewDispute): Promise<DisputeResult> {
  const { dataSource, settings } = services;
  if (dispute.note !== undefined && findHighRiskPii(dispute.note).length > 0) return { kind: 'refused', reason: 'personal_data' };
  const id = newId();
  const refusal = await inTransaction(dataSource, async (manager): Promise<DisputeRefusal | undefined> => {
    if (dispute.clusterId !== undefined && !(await mayTakePart(manager, dispute.accountId, settings.minAccountAgeHours))) return 'not_eligible';
    const refused = await objection(manager, dispute);
    if (refused) return refused;
    const rows = await manager.query<unknown[]>(
      `INSERT INTO deliberation.dispute (id, account_id, kind, submission_id, cluster_id, note, status, opened_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', engine.clock()) ON CONFLICT DO NOTHING RETURNING id`,
      [id, dispute.accountId, dispute.kind, dispute.submissionId ?? null, dispute.clusterId ?? null, dispute.note ?? null],
    );
    if (rows.length === 0) return 'already_open';
    await appendEvidence(manager, { eventType: 'dispute_opened', ...entityOf(dispute), payload: { dispute_id: id, kind: dispute.kind, ...aboutOf(dispute) }, private: { user_id: dispute.accountId } });
    return undefined;
  });
  if (refusal) return { kind: 'refused', reason: refusal };
  return { kind: 'resolved', dispute: await resolveDispute(services, id) };
}

/** Judges an open dispute and does what follows; one that was resolved meanwhile stays as it is. */
export async function resolveDispute(services: DeliberationServices, id: string): Promise<DisputeListing> {
  const { dataSource } = services;
  const [open] = await dataSource.manager.query<(NewDispute & { openedAt: Date })[]>(
    `SELECT account_id AS "accountId", kind, submission_id AS "submissionId", cluster_id AS "clusterId", note, opened_at AS "openedAt" FROM deliberation.dispute WHERE id = $1 AND status = 'open'`,
    [id],
  );
  if (open) {
    // Reading may take a model minutes: outside of the transaction.
    const again = open.kind === 'misunderstood' ? await readAgain(services, open) : undefined;
    await inTransaction(dataSource, async (manager) => {
      const [held] = await manager.query<unknown[]>(`SELECT 1 FROM deliberation.dispute WHERE id = $1 AND status = 'open' FOR UPDATE`, [id]);
      if (!held) return;
      const now = await databaseNow(manager);
      const { upheld, because, figures } = await (again ? applyReadingAgain(manager, open, again, now) : judgeGroup(manager, open, services, now));
      const status = upheld ? 'upheld' : 'refused';
      const finding: JsonObject = { because, ...figures };
      await manager.query('UPDATE deliberation.dispute SET status = $2, finding = $3, resolved_at = $4 WHERE id = $1', [id, status, JSON.stringify(finding), now]);
      const seconds = Math.round((now.getTime() - open.openedAt.getTime()) / 1_000);
      await appendEvidence(manager, { eventType: 'dispute_resolved', ...entityOf(open), payload: { dispute_id: id, kind: open.kind, status, finding, seconds, ...aboutOf(open) } });
    });
  }
  const [dispute] = await disputesWhere(dataSource, 'id', id);
  if (!dispute) throw new Error(`dispute ${id} vanished while it was judged: try again`);
  return dispute;
}

/** A person's own, the latest first. */
export const ownDisputes = (dataSource: DataSource, accountId: string): Promise<DisputeListing[]> => disputesWhere(dataSource, 'account_id', accountId);

/** Of a cluster, without who disputed it. */
export const clusterDisputes = (dataSource: DataSource, clusterId: string): Promise<DisputeListing[]> => disputesWhere(dataSource, 'cluster_id', clusterId);

/** Disputes whose process died before it judged them. */
export async function forgottenDisputes(manager: EntityManager): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(`SELECT id FROM deliberation.dispute WHERE status = 'open' AND opened_at < engine.clock() - interval '10 minutes' ORDER BY opened_at LIMIT 100`);
  return rows.map(({ id }) => id);
}

function disputesWhere(dataSource: DataSource, column: 'id' | 'account_id' | 'cluster_id', value: string): Promise<DisputeListing[]> {
  return dataSource.manager.query<DisputeListing[]>(
    `SELECT id, kind, submission_id AS "submissionId", cluster_id AS "clusterId", status, finding, opened_at AS "openedAt", resolved_at AS "resolvedAt"
     FROM deliberation.dispute WHERE ${column} = $1 ORDER BY opened_at DESC, id DESC LIMIT 100`,
    [value],
  );
}

const aboutOf = ({ submissionId, clusterId }: NewDispute): JsonObject => (submissionId == null ? { cluster_id: clusterId ?? '' } : { submission_id: submissionId });
const entityOf = ({ submissionId, clusterId }: NewDispute): { entityType: string; entityId: string } => (submissionId == null ? { entityType: 'cluster', entityId: clusterId ?? '' } : { entityType: 'submission', entityId: submissionId });

async function objection(manager: EntityManager, { accountId, kind, submissionId, clusterId }: NewDispute): Promise<DisputeRefusal | undefined> {
  const [state] =
    submissionId === undefined
      ? await manager.query<{ live: boolean; grouped: boolean; held: boolean }[]>(`SELECT c.status = 'open' AS live, true AS grouped, ${HELD} AS held FROM deliberation.cluster c WHERE c.id = $1`, [clusterId])
      : await manager.query<{ live: boolean; grouped: boolean; held: boolean }[]>(
          `SELECT coalesce(bool_or(k.archived_at IS NULL), false) AS live, coalesce(bool_or(c.id IS NOT NULL), false) AS grouped, coalesce(bool_or(${HELD}), false) AS held
           FROM deliberation.submission s LEFT JOIN deliberation.candidate k ON k.submission_id = s.id LEFT JOIN deliberation.cluster_member m ON m.candidate_id = k.id
           LEFT JOIN deliberation.cluster c ON c.id = m.cluster_id WHERE s.id = $1 AND s.account_id = $2 GROUP BY s.id`,
          [submissionId, accountId],
        );
  if (!state) return 'not_found';
  // People are voting on it as it is.
  if (state.held) return 'on_a_ballot';
  return state.live && (kind !== 'wrong_group' || state.grouped) ? undefined : 'nothing_to_dispute';
}

type Judged = Finding & { figures: JsonObject };
type ReadAgain = Awaited<ReturnType<typeof readTexts>>[number];

async function readAgain(services: DeliberationServices, { submissionId, note }: NewDispute): Promise<ReadAgain> {
  const [submission] = await services.dataSource.manager.query<{ text: string }[]>('SELECT raw_text AS text FROM deliberation.submission WHERE id = $1', [submissionId]);
  const [read] = await readTexts(services, [note == null ? (submission?.text ?? '') : `${submission?.text ?? ''}\n\n${note}`], { meter: services.meter() });
  if (read === undefined || 'failure' in read) throw read?.failure ?? new Error('the text could not be read: try again');
  return read;
}

async function applyReadingAgain(manager: EntityManager, { submissionId = '' }: NewDispute, read: ReadAgain, now: Date): Promise<Judged> {
  const before = await manager.query<{ id: string; position: number; title: string; stance: string }[]>(
    'SELECT id, position, title, stance FROM deliberation.candidate WHERE submission_id = $1 AND archived_at IS NULL ORDER BY position FOR UPDATE',
    [submissionId],
  );
  if ('failure' in read) throw read.failure;
  const { reading, embeddings } = read;
  const finding = judgeMisunderstood(before, reading.usable ? reading.candidates : undefined);
  if (!finding.upheld || !reading.usable) return { ...finding, figures: {} };
  const ids = before.map(({ id }) => id);
  await manager.query('UPDATE deliberation.candidate SET archived_at = $2 WHERE id = ANY($1)', [ids, now]);
  await takeOut(manager, ids, 'disputed', now);
  const [last] = await manager.query<{ next: number }[]>('SELECT coalesce(max(position), -1) + 1 AS next FROM deliberation.candidate WHERE submission_id = $1', [submissionId]);
  const rows = reading.candidates.map((draft, index) => candidateRow(submissionId, (last?.next ?? 0) + index, draft, reading, embeddings[index], now));
  await insertCandidates(manager, rows);
  // The next run groups them.
  await manager.query(`UPDATE deliberation.submission SET status = 'canonicalized', processed_at = NULL WHERE id = $1 AND status = 'processed'`, [submissionId]);
  return { ...finding, figures: { replaced: ids, candidates: rows.map(({ id, title, stance }) => ({ id, title, stance })) } };
}

async function judgeGroup(manager: EntityManager, dispute: NewDispute, { settings }: DeliberationServices, now: Date): Promise<Judged> {
  const members = await manager.query<{ id: string; clusterId: string; model: string; embedding: Buffer; probability: number; disputed: boolean }[]>(
    `SELECT k.id, m.cluster_id AS "clusterId", k.embedding_model AS model, k.embedding, m.probability, ($1::uuid IS NULL OR k.submission_id = $1) AS disputed
     FROM deliberation.cluster_member m JOIN deliberation.candidate k ON k.id = m.candidate_id AND k.embedding IS NOT NULL
     WHERE ($1::uuid IS NOT NULL AND k.submission_id = $1) OR m.cluster_id = $2 ORDER BY k.id`,
    [dispute.submissionId ?? null, dispute.clusterId ?? null],
  );
  const [cluster] = await manager.query<{ stability: number | null; changed: boolean }[]>('SELECT stability, needs_resummarize OR member_count <> last_summarized_count AS changed FROM deliberation.cluster WHERE id = $1', [dispute.clusterId ?? null]);
  if (dispute.kind === 'misleading_title') {
    const finding = judgeMisleadingTitle({ changedSinceSummary: cluster?.changed ?? false });
    if (finding.upheld) await resummarize(manager, [dispute.clusterId ?? '']);
    return { ...finding, figures: {} };
  }
  const centres = await manager.query<{ id: string; model: string; centroid: Buffer }[]>(`SELECT id, embedding_model AS model, centroid FROM deliberation.cluster WHERE status = 'open'`);
  const measured = members.map((member) => ({ ...member, ...similarities(member, centres) }));
  if (dispute.kind === 'not_one_concern') {
    const strangers = measured.filter(({ own, nearestOther }) => nearestOther !== null && nearestOther > own);
    const finding = judgeNotOneConcern({ strangers: strangers.length, size: measured.length, stability: cluster?.stability ?? null, threshold: settings.clusterStabilityThreshold });
    if (finding.upheld) await part(manager, strangers, now);
    return { ...finding, figures: { members: measured.length, nearer_to_others: strangers.length, ...(cluster?.stability != null && { stability: cluster.stability.toFixed(4) }) } };
  }
  const judged = measured.map((member) => ({ member, finding: judgeWrongGroup(member, settings.disputeResolutionConfidenceThreshold) }));
  const upheld = judged.filter(({ finding }) => finding.upheld);
  await part(manager, upheld.map(({ member }) => member), now);
  const [first] = upheld.length > 0 ? upheld : judged;
  const shown = first?.member;
  return {
    upheld: upheld.length > 0,
    because: first?.finding.because ?? 'not_in_a_group',
    figures: shown ? { cluster_id: shown.clusterId, probability: shown.probability.toFixed(4), own: shown.own.toFixed(4), ...(shown.nearestOther !== null && { nearest_other: shown.nearestOther.toFixed(4) }) } : {},
  };
}

/** Takes members out for good: clustering keeps them and their group apart from now on. */
async function part(manager: EntityManager, members: readonly { id: string; clusterId: string }[], now: Date): Promise<void> {
  if (members.length === 0) return;
  await manager.query('INSERT INTO deliberation.cluster_exclusion (cluster_id, candidate_id, created_at) SELECT c, k, $3 FROM unnest($1::uuid[], $2::uuid[]) AS pair (c, k) ON CONFLICT DO NOTHING', [members.map(({ clusterId }) => clusterId), members.map(({ id }) => id), now]);
  await resummarize(manager, await takeOut(manager, members.map(({ id }) => id), 'disputed', now));
}

const resummarize = (manager: EntityManager, clusterIds: readonly string[]): Promise<unknown> => manager.query('UPDATE deliberation.cluster SET needs_resummarize = true WHERE id = ANY($1)', [clusterIds]);

function similarities(member: { clusterId: string; model: string; embedding: Buffer }, centres: readonly { id: string; model: string; centroid: Buffer }[]): { own: number; nearestOther: number | null } {
  const vector = decodeVector(member.embedding);
  const near = (centroid: Buffer): number => cosine(vector, decodeVector(centroid));
  const own = centres.find(({ id }) => id === member.clusterId);
  const others = centres.filter(({ id, model, centroid }) => id !== member.clusterId && model === member.model && centroid.length === member.embedding.length).map(({ centroid }) => near(centroid));
  return { own: own ? near(own.centroid) : 0, nearestOther: others.length === 0 ? null : Math.max(...others) };
}

function cosine(one: Float32Array, other: Float32Array): number {
  let [dot, left, right] = [0, 0, 0];
  for (let index = 0; index < one.length; index += 1) {
    const [a, b] = [one[index] ?? 0, other[index] ?? 0];
    dot += a * b;
    left += a * a;
    right += b * b;
  }
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right);
}

/**
 * Writes down what happened, in the transaction in which it happens: either both are there or neither. Nobody waits for anybody: a row gets its
 * place in the chain later, from the sealer.
 */
import { canonicalJson, newSalt, saltedHash } from '@carillon/evidence';
import type { JsonObject } from '@carillon/evidence';
import { databaseNow, newId } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import { Evidence, EvidencePrivate } from '../entities-evidence.js';
import { UnknownEvidenceEvent } from '../errors.js';

/** Everything that may become evidence. A reader of the chain can rely on this list. */
export const EVIDENCE_EVENTS = [
  ...(['submission_received', 'submission_quarantined', 'submission_released', 'submission_rejected_not_policy', 'submission_withdrawn', 'candidate_created'] as const),
  ...(['cluster_created', 'cluster_updated', 'cluster_merged', 'cluster_split', 'cluster_matched', 'cluster_dormant', 'cluster_woken', 'cluster_archived'] as const),
  ...(['ballot_question_generated', 'policy_options_generated', 'policy_endorsed', 'endorsement_withdrawn', 'vote_cast', 'cycle_opened', 'cycle_closed'] as const),
  ...(['user_verified', 'dispute_opened', 'dispute_escalated', 'dispute_resolved', 'dispute_metrics_recorded', 'dispute_tuning_recommended'] as const),
  ...(['pipeline_run', 'anchor_computed'] as const),
] as const;
export type EvidenceEvent = (typeof EVIDENCE_EVENTS)[number];

export interface NewEvidence {
  eventType: EvidenceEvent;
  entityType: string;
  entityId: string;
  /** Public for ever, and hashed as it stands. */
  payload: JsonObject;
  /**
   * Values that stay with us. Each enters the payload as `<field>_hash`, salted for this entry alone, so that two entries can not be seen to be
   * about the same person. Deleting the private row unlinks the person; the chain still verifies.
   */
  private?: Readonly<Record<string, string>>;
}

/**
 * Appends one or several, in the caller's transaction.
 * @throws UnknownEvidenceEvent, or NotCanonicalError for a payload that could never be hashed: refused here, or it would stop the sealer for everyone
 */
export async function appendEvidence(manager: EntityManager, ...entries: readonly NewEvidence[]): Promise<void> {
  if (entries.length === 0) return;
  const recordedAt = await databaseNow(manager);
  const rows = entries.map((entry) => rowsOf(entry, recordedAt));
  await manager.insert(Evidence, rows.map((row) => row.evidence));
  const privateRows = rows.flatMap((row) => row.private);
  if (privateRows.length > 0) await manager.insert(EvidencePrivate, privateRows);
}

function rowsOf(entry: NewEvidence, recordedAt: Date) {
  if (!EVIDENCE_EVENTS.includes(entry.eventType)) throw new UnknownEvidenceEvent(`"${entry.eventType}" is not an evidence event: choose one of ${EVIDENCE_EVENTS.join(', ')}`);
  const id = newId();
  const hidden = Object.entries(entry.private ?? {}).map(([field, value]): EvidencePrivate => ({ evidenceId: id, field, salt: newSalt(), value }));
  const payload = { ...entry.payload, ...Object.fromEntries(hidden.map(({ field, salt, value }) => [`${field}_hash`, saltedHash(value, salt)])) };
  canonicalJson(payload);
  return {
    evidence: { id, recordedAt, eventType: entry.eventType, entityType: entry.entityType, entityId: entry.entityId.toLowerCase(), payload },
    private: hidden,
  };
}

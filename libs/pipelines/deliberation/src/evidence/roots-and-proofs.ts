/**
 * What a stranger needs who will not read the whole chain: the daily roots, and the way from one entry up to its root. Both in the words of the export, since the
 * independent verifier reads them.
 */
import { inclusionProof } from '@carillon/evidence';
import type { EvidenceEntry, InclusionProof } from '@carillon/evidence';
import type { DataSource } from 'typeorm';
import type { EvidenceRoot } from '../entities-evidence.js';
import { entryAt, hashesBetween, rootOver, rootsInOrder } from '../store/evidence.js';
import { publications } from '../store/root-publications.js';
import type { RootPublication } from '../store/root-publications.js';

/** The root of one UTC day: exactly what its `anchor_computed` entry says, and what a witness is told. */
export interface DailyRoot {
  readonly day: string;
  readonly merkle_root: string;
  readonly entry_count: number;
  readonly first_seq: number;
  readonly last_seq: number;
  /** The hash of the last entry under it. */
  readonly head_hash: string;
}

export interface EvidenceProof {
  readonly entry: EvidenceEntry;
  readonly root: DailyRoot;
  readonly proof: InclusionProof;
}

/** Why there is no proof: the chain has no such entry, or its day is not over and has no root yet. */
export type NoProof = 'no_such_entry' | 'no_root_yet';

/** Oldest first, each with what became of it at the witnesses. */
export async function listEvidenceRoots(dataSource: DataSource): Promise<(DailyRoot & { publications: RootPublication[] })[]> {
  const [roots, told] = await Promise.all([rootsInOrder(dataSource.manager), publications(dataSource.manager)]);
  return roots.map((root) => ({ ...publicRoot(root), publications: told.get(root.day) ?? [] }));
}

/** The proof that the entry at a position (1-based) is under its day's root. Reads the hashes of that day. */
export async function proveEvidence(dataSource: DataSource, seq: number): Promise<EvidenceProof | NoProof> {
  const { manager } = dataSource;
  const entry = await entryAt(manager, seq);
  if (entry === undefined) return 'no_such_entry';
  const root = await rootOver(manager, seq);
  if (root === undefined) return 'no_root_yet';
  const hashes = await hashesBetween(manager, root.firstSeq, root.lastSeq);
  return { entry, root: publicRoot(root), proof: inclusionProof(hashes, seq - root.firstSeq) };
}

export function publicRoot({ day, root, entryCount, firstSeq, lastSeq, headHash }: EvidenceRoot): DailyRoot {
  return { day, merkle_root: root, entry_count: entryCount, first_seq: firstSeq, last_seq: lastSeq, head_hash: headHash };
}

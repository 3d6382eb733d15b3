/** Recomputes everything that the evidence claims, page by page: each hash, each link, and each daily root. */
import { canonicalJson, merkleRoot, verifyChain } from '@carillon/evidence';
import type { ChainVerdict, EvidenceEntry } from '@carillon/evidence';
import type { DataSource } from 'typeorm';
import type { EvidenceRoot } from '../entities-evidence.js';
import { countUnsealed, rootsInOrder, sealedEntries } from '../store/evidence.js';
import { publicRoot } from './roots-and-proofs.js';

export interface EvidenceVerdict extends ChainVerdict {
  /** `broken` names the first UTC day whose root does not fit the chain. */
  readonly roots: { readonly checked: number; readonly broken?: string };
  /** Rows that wait for the sealer; they are no part of the chain yet. */
  readonly unsealed: number;
}

/**
 * Valid means: the chain is whole, every daily root fits it, and it reaches at least to the last root's head, so a chain that was cut at its end
 * since yesterday is found. `onProgress` hears about every thousandth entry.
 */
export async function verifyEvidence(dataSource: DataSource, onProgress: (checked: number) => void = () => undefined): Promise<EvidenceVerdict> {
  // Before the chain: roots that appear meanwhile cover entries that this walk has yet to see.
  const roots = await rootsInOrder(dataSource.manager);
  const last = roots.at(-1);
  const days = new RootCheck(roots);
  const watched = async function* (): AsyncGenerator<EvidenceEntry> {
    for await (const entry of sealedEntries(dataSource)) {
      if (entry.seq % 1_000 === 0) onProgress(entry.seq);
      days.see(entry);
      yield entry;
    }
  };
  const verdict = await verifyChain(watched(), last === undefined ? {} : { expected: { count: last.lastSeq, hash: last.headHash } });
  const broken = verdict.valid ? days.firstBroken(await rootsInOrder(dataSource.manager)) : undefined;
  return { ...verdict, valid: verdict.valid && broken === undefined, roots: { checked: days.checked, ...(broken !== undefined && { broken }) }, unsealed: await countUnsealed(dataSource.manager) };
}

/** Follows the chain and compares each day's root as its last entry goes by. Holds the hashes of one day. */
class RootCheck {
  checked = 0;
  #hashes: string[] = [];
  #broken: string | undefined;
  readonly #open: EvidenceRoot[];
  /** What the chain says of roots, by its own entries. */
  readonly #told: { day: string; text: string }[] = [];

  constructor(roots: readonly EvidenceRoot[]) {
    this.#open = [...roots];
  }

  see({ seq, hash, event_type, entity_id: day, payload }: EvidenceEntry): void {
    if (event_type === 'anchor_computed') this.#told.push({ day, text: canonicalJson(payload) });
    const [root] = this.#open;
    if (root === undefined) return;
    if (seq >= root.firstSeq) this.#hashes.push(hash);
    if (seq < root.lastSeq) return;
    const fits = merkleRoot(this.#hashes) === root.root && this.#hashes.length === root.entryCount && hash === root.headHash;
    if (!fits) this.#broken ??= root.day;
    this.checked += 1;
    this.#hashes = [];
    this.#open.shift();
  }

  /**
   * A root over entries that the chain does not reach is broken too, and so is one that the chain tells of and nobody has any more, or has otherwise.
   * @param now the roots there are after the walk
   */
  firstBroken(now: readonly EvidenceRoot[]): string | undefined {
    const kept = new Map(now.map((root) => [root.day, canonicalJson({ ...publicRoot(root) })]));
    return this.#broken ?? this.#open[0]?.day ?? this.#told.find(({ day, text }) => kept.get(day) !== text)?.day;
  }
}

/**
 * Tells whether a chain is the one that was written, reading it once and holding one entry, so that a chain of any length can be checked
 * by anyone, from a database cursor or from an exported file.
 */
import { entryHash, GENESIS } from './entry.js';
import type { ChainHead, EvidenceEntry } from './entry.js';
import { EvidenceError } from './errors.js';

/**
 * - `malformed`: not an entry at all, or a field that could never have been hashed
 * - `wrong_sequence`: `seq` is not the position: something was removed, added or moved
 * - `broken_link`: `prev_hash` is not the hash of the entry before: removed, added or moved, and renumbered
 * - `wrong_hash`: the content, or the hash, was changed
 * - `unexpected_head`: consistent in itself, but not the chain that the expected head was taken from
 * - `truncated`: it ends before the expected head
 */
export type BreakReason = 'malformed' | 'wrong_sequence' | 'broken_link' | 'wrong_hash' | 'unexpected_head' | 'truncated';

export interface ChainVerdict {
  readonly valid: boolean;
  /** How many entries from the start are good. */
  readonly checked: number;
  /** The first bad entry: its 1-based position, and the `seq` it claims (undefined when it has none, or is missing). */
  readonly brokenAt?: { readonly position: number; readonly seq: number | undefined; readonly reason: BreakReason };
  /** The head of the good part. */
  readonly head: ChainHead;
}

export interface VerifyOptions {
  /**
   * A head that was published or noted earlier. A chain that was cut at its end is consistent in itself, so only this finds the cut. The
   * chain may have grown since: it must pass through this head, not end there.
   */
  readonly expected?: ChainHead;
}

/**
 * Walks from the first entry and stops at the first bad one. `entries` are taken as unknown: this is for data that nobody vouches for.
 * Errors of the iterable itself (a lost connection, an unreadable file) are thrown as they are: they say nothing about the chain.
 */
export async function verifyChain(entries: AsyncIterable<unknown> | Iterable<unknown>, { expected }: VerifyOptions = {}): Promise<ChainVerdict> {
  let head = GENESIS;
  for await (const entry of entries) {
    const reason = breakOf(entry, head, expected);
    if (reason !== undefined) return broken(head, isObject(entry) ? claimedSequence(entry) : undefined, reason);
    head = { count: head.count + 1, hash: (entry as EvidenceEntry).hash };
  }
  if (expected !== undefined && head.count < expected.count) return broken(head, undefined, 'truncated');
  return { valid: true, checked: head.count, head };
}

function breakOf(entry: unknown, head: ChainHead, expected: ChainHead | undefined): BreakReason | undefined {
  if (!isObject(entry)) return 'malformed';
  if (entry.seq !== head.count + 1) return 'wrong_sequence';
  if (entry.prev_hash !== head.hash) return 'broken_link';
  const hash = hashOrUndefined(entry as unknown as EvidenceEntry);
  if (hash === undefined) return 'malformed';
  if (entry.hash !== hash) return 'wrong_hash';
  if (expected?.count === entry.seq && expected.hash !== hash) return 'unexpected_head';
  return undefined;
}

function isObject(value: unknown): value is Partial<Record<keyof EvidenceEntry, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** `entryHash` checks every field it covers at run time, so the cast before it claims nothing. */
function hashOrUndefined(entry: EvidenceEntry): string | undefined {
  try {
    return entryHash(entry);
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

function broken(head: ChainHead, seq: number | undefined, reason: BreakReason): ChainVerdict {
  return { valid: false, checked: head.count, brokenAt: { position: head.count + 1, seq, reason }, head };
}

function claimedSequence(entry: Partial<Record<keyof EvidenceEntry, unknown>>): number | undefined {
  return typeof entry.seq === 'number' ? entry.seq : undefined;
}

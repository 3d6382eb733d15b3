/**
 * What one line of evidence is, and which of its fields its hash covers. Everything here is public: an export holds exactly what was
 * hashed, so a third party can check it without asking us. Private values enter a payload only as `saltedHash`.
 */
import { canonicalJson } from './canonical-json.js';
import type { JsonObject } from './canonical-json.js';
import { MalformedEntryError } from './errors.js';
import { isSha256, sha256 } from './sha256.js';

/** What happened, before it has a place in the chain. */
export interface EvidenceDraft {
  /** Names the row, nothing more. It is not hashed: conclude nothing from it, and refer to an entry by its hash. */
  readonly id: string;
  /** When it happened: UTC, exactly three fractional digits and `Z`, as `Date.prototype.toISOString` writes it. */
  readonly timestamp: string;
  readonly event_type: string;
  readonly entity_type: string;
  /** Lowercase, so that one entity has one spelling. */
  readonly entity_id: string;
  readonly payload: JsonObject;
}

/** A draft in its place in the chain. Field names are those of the public export. */
export interface EvidenceEntry extends EvidenceDraft {
  /**
   * 1-based position without gaps. It is not hashed either: `prev_hash` already fixes the order, so `seq` can say nothing that the links
   * do not, and a verifier compares it with the position it counted itself.
   */
  readonly seq: number;
  /** The hash of the entry before, or `genesis` for the first. */
  readonly prev_hash: string;
  /** 64 lowercase hexadecimal digits. */
  readonly hash: string;
}

/** The fields that the hash covers. */
export type HashedFields = Pick<EvidenceEntry, 'timestamp' | 'event_type' | 'entity_type' | 'entity_id' | 'payload' | 'prev_hash'>;

/** Where a chain ends: how many entries, and the hash of the last. Two chains with the same head are the same chain. */
export interface ChainHead {
  readonly count: number;
  readonly hash: string;
}

/** The head of the empty chain. */
export const GENESIS: ChainHead = { count: 0, hash: 'genesis' };

/**
 * SHA-256 over the UTF-8 bytes of the RFC 8785 text of exactly `{entity_id, entity_type, event_type, payload, prev_hash, timestamp}`.
 * Other properties of the argument are ignored.
 *
 * @returns 64 lowercase hexadecimal digits
 * @throws MalformedEntryError, NotCanonicalError
 */
export function entryHash(fields: HashedFields): string {
  refuseMalformed(fields);
  const { timestamp, event_type, entity_type, entity_id, payload, prev_hash } = fields;
  return sha256(canonicalJson({ timestamp, event_type, entity_type, entity_id, payload, prev_hash }));
}

function refuseMalformed(fields: HashedFields): void {
  const { timestamp, event_type, entity_type, entity_id, payload, prev_hash } = fields;
  if (!isTimestamp(timestamp)) throw new MalformedEntryError('timestamp', timestamp, 'write UTC with three fractional digits, such as 2026-11-03T07:05:00.000Z');
  if (!isName(event_type)) throw new MalformedEntryError('event_type', event_type, 'name what happened');
  if (!isName(entity_type)) throw new MalformedEntryError('entity_type', entity_type, 'name the kind of thing that it happened to');
  if (!isName(entity_id) || entity_id !== entity_id.toLowerCase()) throw new MalformedEntryError('entity_id', entity_id, 'write it in lower case');
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) throw new MalformedEntryError('payload', payload, 'pass an object');
  if (prev_hash !== GENESIS.hash && !isSha256(prev_hash)) throw new MalformedEntryError('prev_hash', prev_hash, 'pass the hash of the entry before, or "genesis"');
}

/** Round trip rather than a pattern: it also refuses 30 February. */
function isTimestamp(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

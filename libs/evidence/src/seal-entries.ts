/**
 * Gives drafts their place in the chain. Writers append drafts without waiting for each other; one sealer at a time reads them in order,
 * calls this with the last sealed head, and stores what it returns in one transaction. Which order, and who the sealer is, is the store's business.
 */
import { entryHash } from './entry.js';
import type { ChainHead, EvidenceDraft, EvidenceEntry } from './entry.js';

/**
 * The drafts as entries, in the given order, linked to `previous` (`GENESIS` for an empty chain). Nothing is changed in place.
 *
 * @throws MalformedEntryError, NotCanonicalError for the first draft that can not be hashed; nothing is sealed then
 */
export function sealEntries(previous: ChainHead, drafts: readonly EvidenceDraft[]): EvidenceEntry[] {
  let head = previous;
  return drafts.map(({ id, timestamp, event_type, entity_type, entity_id, payload }) => {
    const fields = { timestamp, event_type, entity_type, entity_id, payload, prev_hash: head.hash };
    const entry: EvidenceEntry = { seq: head.count + 1, id, ...fields, hash: entryHash(fields) };
    head = { count: entry.seq, hash: entry.hash };
    return entry;
  });
}

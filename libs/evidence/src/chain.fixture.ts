/** A small chain of the kinds of entries that a deliberation writes, for the specs of this library. */
import { GENESIS } from './entry.js';
import type { EvidenceDraft, EvidenceEntry } from './entry.js';
import { sealEntries } from './seal-entries.js';

/** `length` linked entries from the empty chain; the payloads hold text beyond ASCII, nesting, a null, fractions, digits beyond 2^53 as text and a line separator. */
export function chainOf(length: number): EvidenceEntry[] {
  return sealEntries(GENESIS, Array.from({ length }, (_, index) => draftNumber(index)));
}

export function draftNumber(index: number): EvidenceDraft {
  return {
    id: `019a0000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`,
    timestamp: new Date(Date.UTC(2026, 10, 3, 7, 0, index)).toISOString(),
    event_type: index % 2 === 0 ? 'submission_received' : 'vote_cast',
    entity_type: index % 2 === 0 ? 'submission' : 'cycle',
    entity_id: `019a0000-0000-7000-9000-${(index * 7).toString(16).padStart(12, '0')}`,
    payload: { raw_text: `Bus ${index} ist zu spät\u2028اتوبوس دیر می‌رسد 🚌`, shares: [0.5, index / 8], cycle: null, nested: { late: true, count: index, 'digits as text': '90071992547409930' } },
  };
}

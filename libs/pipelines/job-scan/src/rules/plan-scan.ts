/** What a reading of a board means for what is stored of it. Nothing is written for what stayed as it was: an open posting was last seen when all of its board was. */
import { jobKey } from './job-key.js';
import type { NormalPosting } from './normalise.js';

export interface StoredPosting {
  jobKey: string;
  contentHash: string;
  factsHash: string;
  closed: boolean;
}

export interface ScanPlan {
  inserts: NormalPosting[];
  /** Another text: to be stored and matched again. */
  updates: NormalPosting[];
  /** The same text with another address, company, date or detail: stored, and nobody is told. */
  facts: NormalPosting[];
  /** Closed ones that are there again. */
  reopened: string[];
  /** Open ones that are not there any more. */
  closed: string[];
  unchanged: number;
}

export interface PlanOptions {
  /** Ids whose details were not read again. */
  known: readonly string[];
  /** Whether the reading was the whole board and is believed. */
  closes: boolean;
  source: { type: string; identifier: string };
}

export function planScan(stored: readonly StoredPosting[], fetched: readonly NormalPosting[], { known, closes, source }: PlanOptions): ScanPlan {
  const plan: ScanPlan = { inserts: [], updates: [], facts: [], reopened: [], closed: [], unchanged: 0 };
  const before = new Map(stored.map((one) => [one.jobKey, one]));
  const seen = new Set(known.map((id) => jobKey(source.type, source.identifier, id)));
  for (const posting of fetched) {
    if (seen.has(posting.jobKey)) continue;
    seen.add(posting.jobKey);
    const was = before.get(posting.jobKey);
    if (!was) plan.inserts.push(posting);
    else if (was.contentHash !== posting.contentHash) plan.updates.push(posting);
    else if (was.factsHash !== posting.factsHash) plan.facts.push(posting);
    else plan.unchanged += 1;
  }
  for (const { jobKey: key, closed } of stored) {
    if (closed && seen.has(key)) plan.reopened.push(key);
    else if (!closed && closes && !seen.has(key)) plan.closed.push(key);
  }
  plan.unchanged += known.length;
  return plan;
}

/** What a bell tells: the runs that it rang, what became of everything that was owed, and what was written on the way. */
import type { JsonObject, RecordedError } from '@carillon/engine';

export type RunStatus = 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'skipped';

/** One attempt of a step, or a step that was skipped without one. */
export interface ToldStep {
  name: string;
  /** From 1 on. */
  attempt: number;
  status: 'done' | 'skipped' | 'failed' | 'cancelled' | 'retried' | 'snoozed' | 'lost';
  startedAt: Date;
  finishedAt: Date;
  reason: string | null;
  error: RecordedError | null;
  counts: Record<string, number>;
  output: JsonObject | null;
}

export interface ToldRun {
  /** A UUID that counts up in the order in which they rang, the same every time. */
  id: string;
  scope: string;
  trigger: string;
  reason: string | null;
  /** The instant that was owed; null for a run by hand. */
  scheduledFor: Date | null;
  status: RunStatus;
  requestedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  counts: Record<string, number>;
  errors: string[];
  /** What its steps handed on, by their names. */
  outputs: Record<string, JsonObject>;
  steps: ToldStep[];
}

/** What became of an instant that was owed. */
export interface ToldOccurrence {
  scope: string;
  scheduledFor: Date;
  outcome: 'ran' | 'skipped' | 'coalesced' | 'expired';
  reason: string | null;
  /** The run that it became. */
  runId: string | null;
}

/** A notice that was queued; only with a database, where they are rows. */
export interface ToldNotice {
  channel: string;
  recipient: string;
  messageType: string;
  content: JsonObject;
  queuedAt: Date;
}

export interface Story {
  runs: ToldRun[];
  occurrences: ToldOccurrence[];
  notices: ToldNotice[];
  /** Rows counted, summed over the runs. */
  counts: Record<string, number>;
  /** How many runs ended how: `{ succeeded: 365 }`. */
  ends: Partial<Record<RunStatus, number>>;
  /** What is odd about the time that was asked for, such as that clocks jump over it. */
  note?: string;
}

/** The story of some runs and occurrences, as they stand. */
export function tell(runs: readonly ToldRun[], occurrences: readonly ToldOccurrence[], notices: ToldNotice[], note?: string): Story {
  const ends: Story['ends'] = {};
  for (const { status } of runs) ends[status] = (ends[status] ?? 0) + 1;
  return { runs: [...runs], occurrences: [...occurrences], notices, counts: sum(runs.map((run) => run.counts)), ends, ...(note !== undefined && { note }) };
}

export function sum(counts: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const one of counts) for (const [name, value] of Object.entries(one)) total[name] = (total[name] ?? 0) + value;
  return total;
}

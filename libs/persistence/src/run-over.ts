/** A run that ended otherwise than by its last step, so that whoever did it can count it and say it. */
import type { RunStatus } from '@carillon/shared';
import type { CreatedRun } from './new-runs.js';

export interface RunOver {
  id: string;
  pipeline: string;
  status: RunStatus;
  /** W3C `traceparent` of whatever asked for it. */
  trace?: string | null;
}

/** What was over as a run was made: the run itself, when it was skipped or failed at its sensor's deadline, and those in line that had to make room for it. */
export function overAtOnce(pipeline: string, { id, status, created, replaced = [] }: CreatedRun): RunOver[] {
  const itself = created && (status === 'skipped' || status === 'failed');
  return [...(itself ? [{ id, pipeline, status }] : []), ...replaced];
}

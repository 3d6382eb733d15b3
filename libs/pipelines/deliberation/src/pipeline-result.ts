/** A finished run in the words of the batch's requirement. Counts are counts of rows, summed over the steps that wrote them. */

/** What it needs to know of a run; the run history gives more. */
export interface FinishedRun {
  startedAt: Date | null;
  finishedAt: Date | null;
  counts: Readonly<Record<string, number>>;
  errors: readonly string[];
}

export interface PipelineResult {
  started_at: Date;
  completed_at: Date;
  submissions_processed: number;
  candidates_created: number;
  embeddings_computed: number;
  clusters_created: number;
  clusters_needing_resummarize: number;
  agenda_size: number;
  errors: string[];
}

/** The result of a run that has ended; of one that never started, both times are the end. */
export function pipelineResult({ startedAt, finishedAt, counts, errors }: FinishedRun): PipelineResult {
  if (finishedAt === null) throw new RangeError('the run has not finished: a result exists only once it has');
  return {
    started_at: startedAt ?? finishedAt,
    completed_at: finishedAt,
    submissions_processed: counts['submissionsProcessed'] ?? 0,
    candidates_created: counts['candidatesCreated'] ?? 0,
    embeddings_computed: counts['embeddingsComputed'] ?? 0,
    clusters_created: counts['clustersCreated'] ?? 0,
    clusters_needing_resummarize: counts['clustersNeedingResummarize'] ?? 0,
    agenda_size: counts['agendaSize'] ?? 0,
    errors: [...errors],
  };
}

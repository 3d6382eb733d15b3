import { expect, it } from '@jest/globals';
import { pipelineResult } from './pipeline-result.js';

const [startedAt, finishedAt] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:00:09Z')];

it('gives the fields of the requirement, zero where nothing was counted', () => {
  const counts = { submissionsProcessed: 8, candidatesCreated: 9, embeddingsComputed: 7, clustersCreated: 2, clustersNeedingResummarize: 3, agendaSize: 1, noise: 5 };
  expect(pipelineResult({ startedAt, finishedAt, counts, errors: ['one'] })).toEqual({
    started_at: startedAt, completed_at: finishedAt, submissions_processed: 8, candidates_created: 9, embeddings_computed: 7, clusters_created: 2, clusters_needing_resummarize: 3, agenda_size: 1, errors: ['one'],
  });
  expect(pipelineResult({ startedAt: null, finishedAt, counts: {}, errors: [] })).toMatchObject({ started_at: finishedAt, submissions_processed: 0, errors: [] });
});

it('there is no result of a run that has not finished', () => {
  expect(() => pipelineResult({ startedAt, finishedAt: null, counts: {}, errors: [] })).toThrow(/not finished/);
});

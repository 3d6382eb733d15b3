/** Candidates as rows: what was understood of a submission, and its vector. */
import { encodeVector } from '@carillon/language';
import type { Embedding } from '@carillon/language';
import { newId } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { CandidateDraft, Reading } from '../canonicalize/reading.js';
import { Candidate } from '../entities-intake.js';

export type CandidateToEmbed = Pick<Candidate, 'id' | 'title' | 'summary' | 'embeddingModel'>;

/** A new row for one concern of a submission. Without a vector it is embedded later. */
export function candidateRow(submissionId: string, position: number, draft: CandidateDraft, reading: Extract<Reading, { usable: true }>, embedding: Embedding | undefined, now: Date): Candidate {
  return {
    ...{ id: newId(), submissionId, position, language: reading.language },
    ...{ title: draft.title, summary: draft.summary, stance: draft.stance, confidence: draft.confidence },
    ...{ entities: [...draft.entities], topicWords: [...draft.topicWords], ambiguityFlags: [...draft.ambiguityFlags] },
    ...reading.reader,
    embedding: embedding ? encodeVector(embedding.vector) : null,
    embeddingModel: embedding?.model ?? null,
    embeddingDimensions: embedding?.vector.length ?? null,
    ...{ archivedAt: null, createdAt: now },
  };
}

/** In parts, as a statement takes 65,535 values at most. */
export async function insertCandidates(manager: EntityManager, candidates: readonly Candidate[]): Promise<void> {
  for (let start = 0; start < candidates.length; start += 1_000) await manager.insert(Candidate, candidates.slice(start, start + 1_000));
}

/** Open candidates without a vector, or with one of a model that is not in use any more; in order of id, after the given one. */
export async function candidatesToEmbed(manager: EntityManager, models: readonly string[], limit: number, after?: string): Promise<CandidateToEmbed[]> {
  return manager.query<CandidateToEmbed[]>(
    `SELECT id, title, summary, embedding_model AS "embeddingModel" FROM deliberation.candidate
     WHERE archived_at IS NULL AND (embedding_model IS NULL OR embedding_model <> ALL ($1)) AND ($2::uuid IS NULL OR id > $2)
     ORDER BY id LIMIT $3`,
    [models, after ?? null, limit],
  );
}

export async function countCandidatesToEmbed(manager: EntityManager, models: readonly string[]): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM deliberation.candidate WHERE archived_at IS NULL AND (embedding_model IS NULL OR embedding_model <> ALL ($1))', [models]);
  return row?.count ?? 0;
}

/** Stores a batch of vectors; a candidate that got one from someone else meanwhile keeps that. Answers how many were stored. */
export async function storeEmbeddings(manager: EntityManager, batch: readonly { candidate: CandidateToEmbed; embedding: Embedding }[]): Promise<number> {
  const [, stored] = await manager.query<[unknown, number]>(
    `UPDATE deliberation.candidate SET embedding = given.vector, embedding_model = given.model, embedding_dimensions = given.dimensions
     FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::int[], $5::text[]) AS given (id, vector, model, dimensions, before)
     WHERE candidate.id = given.id AND candidate.embedding_model IS NOT DISTINCT FROM given.before`,
    [
      batch.map(({ candidate }) => candidate.id),
      batch.map(({ embedding }) => encodeVector(embedding.vector)),
      batch.map(({ embedding }) => embedding.model),
      batch.map(({ embedding }) => embedding.vector.length),
      batch.map(({ candidate }) => candidate.embeddingModel),
    ],
  );
  return stored;
}

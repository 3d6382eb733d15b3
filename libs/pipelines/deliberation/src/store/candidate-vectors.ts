/** Vectors for clustering: one flat matrix per embedding model, because vectors of two models live in different spaces and are never compared. */
import { createHash } from 'node:crypto';
import { decodeVector } from '@carillon/language';
import type { EntityManager } from 'typeorm';

/** All open candidates that have a vector of one model, ascending by id. */
export interface VectorSpace {
  model: string;
  candidateIds: string[];
  /** Row-major, one row per candidate. */
  data: Float32Array;
  dimensions: number;
}

/** Rows per read: bounds what the driver holds at once to a few megabytes. */
const PAGE = 2_000;

/** Reads every space; models in the order of their names. Vectors whose length is not their model's usual one wait for a new embedding. */
export async function readVectorSpaces(manager: EntityManager): Promise<VectorSpace[]> {
  const models = await manager.query<{ model: string; dimensions: number }[]>(
    `SELECT DISTINCT ON (embedding_model) embedding_model AS model, embedding_dimensions AS dimensions FROM deliberation.candidate
     WHERE embedding_model IS NOT NULL AND archived_at IS NULL GROUP BY 1, 2 ORDER BY 1, count(*) DESC, 2`,
  );
  const spaces: VectorSpace[] = [];
  for (const { model, dimensions } of models) spaces.push(await readSpace(manager, model, dimensions));
  return spaces;
}

async function readSpace(manager: EntityManager, model: string, dimensions: number): Promise<VectorSpace> {
  const candidateIds: string[] = [];
  const pages: Float32Array[] = [];
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await manager.query<{ id: string; embedding: Buffer }[]>(
      `SELECT id, embedding FROM deliberation.candidate
       WHERE embedding_model = $1 AND embedding_dimensions = $2 AND archived_at IS NULL AND id > $3 ORDER BY id LIMIT ${PAGE}`,
      [model, dimensions, last],
    );
    const page = new Float32Array(rows.length * dimensions);
    rows.forEach(({ embedding }, index) => page.set(decodeVector(embedding), index * dimensions));
    pages.push(page);
    for (const { id } of rows) candidateIds.push(id);
    last = rows.at(-1)?.id ?? last;
    if (rows.length < PAGE) break;
  }
  const data = new Float32Array(candidateIds.length * dimensions);
  let offset = 0;
  for (const page of pages) {
    data.set(page, offset);
    offset += page.length;
  }
  return { model, candidateIds, data, dimensions };
}

/** The vectors of certain candidates, as a clustering of then read them: in order of id. Those that have one of another model by now are missing. */
export async function readVectorsOf(manager: EntityManager, model: string, candidateIds: readonly string[]): Promise<VectorSpace> {
  const inOrder = [...candidateIds].sort();
  const found: string[] = [];
  const vectors: Float32Array[] = [];
  for (let start = 0; start < inOrder.length; start += PAGE) {
    const rows = await manager.query<{ id: string; embedding: Buffer }[]>('SELECT id, embedding FROM deliberation.candidate WHERE embedding_model = $1 AND id = ANY($2) ORDER BY id', [model, inOrder.slice(start, start + PAGE)]);
    for (const { id, embedding } of rows) {
      found.push(id);
      vectors.push(decodeVector(embedding));
    }
  }
  const dimensions = vectors[0]?.length ?? 0;
  const data = new Float32Array(found.length * dimensions);
  vectors.forEach((vector, row) => data.set(vector, row * dimensions));
  return { model, candidateIds: found, data, dimensions };
}

/** Recorded with every clustering, so that a repetition knows whether it was given the same: ids and vectors, in their order. */
export function hashOfSpace({ candidateIds, data }: VectorSpace): string {
  return createHash('sha256').update(candidateIds.join()).update(Buffer.from(data.buffer, data.byteOffset, data.byteLength)).digest('hex');
}

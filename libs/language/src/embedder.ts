/**
 * What every source of text vectors has in common. Each vector carries the name of its model, because vectors of two models live in
 * different spaces and must never be compared: whoever stores a vector stores the name with it.
 */
import type { SpendMeter } from './spend-meter.js';

/** One text as a vector of length 1; its dimension is `vector.length`. */
export interface Embedding {
  readonly model: string;
  readonly vector: Float32Array;
}

export interface EmbedOptions {
  readonly signal?: AbortSignal;
  /** Counts what a paid model costs; the local models ignore it. */
  readonly meter?: SpendMeter;
}

export interface Embedder {
  /** Every model this embedder may answer with. A stored vector of any other model is out of date. */
  readonly models: readonly string[];
  /** One embedding per text, in order. Equal texts give equal vectors. Any string is allowed, also an empty one. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Embedding[]>;
  /** Frees what the embedder holds. Safe to call twice. */
  close(): Promise<void>;
}

/** Scales to length 1 in place and returns the same array; a zero vector becomes the first unit vector, so that every vector has a direction. */
export function mutatesToUnitLength(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) vector[0] = 1;
  else for (let index = 0, scale = 1 / Math.sqrt(squares); index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) * scale;
  return vector;
}

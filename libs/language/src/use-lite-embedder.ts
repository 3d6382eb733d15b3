/**
 * English sentence vectors without a network: Universal Sentence Encoder lite (Cer et al. 2018, arXiv:1803.11175), 512 dimensions, in a
 * worker thread. On short policy sentences it recovers topics that tf-idf can not see. It knows no Persian at all.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Embedder, Embedding, EmbedOptions } from './embedder.js';
import { mutatesToUnitLength } from './embedder.js';
import { EmbedderClosed, EmbeddingWorkerCrashed } from './errors.js';
import type { UseLiteReply, UseLiteRequest } from './use-lite-worker.js';

const dimensions = 512;
const model = 'use-lite-en-512';
/** Texts a message to the worker; bigger batches are no faster and delay whoever waits behind them. */
const batchSize = 32;
/** A text is read up to this many characters: the tokenizer's time grows with the square of the length, and the topic is clear by then. */
const longestText = 2_000;

interface Waiting {
  readonly resolve: (vectors: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Loads the model with the first call (about a third of a second, 100 MB) and keeps it. When the worker dies, the calls that wait reject
 * with {@link EmbeddingWorkerCrashed} and the next call starts a new one. An idle embedder does not keep the process alive.
 */
export class UseLiteEmbedder implements Embedder {
  readonly models = [model] as const;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #closed = false;

  /** @param startWorker how to start the thread; the default is the only one outside specs */
  constructor(private readonly startWorker: () => Worker = startUseLiteWorker) {}

  /** @throws EmbeddingWorkerCrashed, EmbedderClosed, or the signal's reason (checked between batches) */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Embedding[]> {
    const embeddings: Embedding[] = [];
    for (let start = 0; start < texts.length; start += batchSize) {
      options.signal?.throwIfAborted();
      const batch = texts.slice(start, start + batchSize);
      const vectors = await this.#request(batch.map(readable));
      for (let row = 0; row < batch.length; row += 1) embeddings.push({ model, vector: mutatesToUnitLength(vectors.slice(row * dimensions, (row + 1) * dimensions)) });
    }
    return embeddings;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker) await this.#forget(worker, new EmbedderClosed(model));
  }

  #request(texts: readonly string[]): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new EmbedderClosed(model);
      const worker = (this.#worker ??= this.#start());
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, texts } satisfies UseLiteRequest);
    });
  }

  #start(): Worker {
    const worker = this.startWorker();
    worker.on('message', (reply: UseLiteReply) => this.#settle(worker, reply));
    worker.on('messageerror', (cause) => void this.#forget(worker, new EmbeddingWorkerCrashed('sent what can not be read', { cause })));
    worker.on('error', (cause) => void this.#forget(worker, new EmbeddingWorkerCrashed('crashed', { cause })));
    worker.on('exit', (code) => void this.#forget(worker, new EmbeddingWorkerCrashed(`ended with code ${code}`)));
    return worker;
  }

  #settle(worker: Worker, reply: UseLiteReply): void {
    // What made it fail may be the model that it holds, which would fail every later call as well.
    if ('error' in reply) return void this.#forget(worker, new EmbeddingWorkerCrashed('could not embed', { cause: reply.error }));
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) worker.unref();
    waiting?.resolve(reply.vectors);
  }

  /** Drops a worker for good. An `exit` after an `error`, or of a worker that was replaced meanwhile, finds nothing left to do. */
  async #forget(worker: Worker, reason: Error): Promise<void> {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    await worker.terminate();
  }
}

/** Resolved through the package's own `imports`, so that sources and the built library find the same built file. */
function startUseLiteWorker(): Worker {
  return new Worker(createRequire(import.meta.url).resolve('#use-lite-worker'));
}

/** What the model can take: it fails on an empty text, and a blank one has a vector of its own. */
function readable(text: string): string {
  return text.trim().slice(0, longestText) || ' ';
}

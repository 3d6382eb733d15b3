/**
 * The embedder of a house without a network: English goes to the sentence encoder, every other language to hashed n-grams. The two never
 * share a space, and each vector says which one it is from.
 */
import { detectLanguage } from './detect-language.js';
import type { Embedder, Embedding, EmbedOptions } from './embedder.js';
import { HashedNgramEmbedder } from './hashed-ngram-embedder.js';
import { UseLiteEmbedder } from './use-lite-embedder.js';

export class LocalEmbedder implements Embedder {
  readonly models: readonly string[];

  constructor(
    private readonly english: Embedder = new UseLiteEmbedder(),
    private readonly others: Embedder = new HashedNgramEmbedder(),
  ) {
    this.models = [...english.models, ...others.models];
  }

  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Embedding[]> {
    const isEnglish = texts.map((text) => detectLanguage(text) === 'en');
    const [english, others] = await Promise.all([
      this.english.embed(texts.filter((_, index) => isEnglish[index]), options),
      this.others.embed(texts.filter((_, index) => !isEnglish[index]), options),
    ]);
    const nextEnglish = english.values();
    const nextOther = others.values();
    return isEnglish.map((yes) => {
      const next = (yes ? nextEnglish : nextOther).next();
      if (next.done) throw new RangeError(`${(yes ? this.english : this.others).models.join()} gave fewer vectors than texts`);
      return next.value;
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.english.close(), this.others.close()]);
  }
}

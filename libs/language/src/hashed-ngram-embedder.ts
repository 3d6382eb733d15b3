/**
 * Vectors for the languages that no bundled model reads (Persian first): hashed counts of words, word pairs and letter n-grams. It knows no
 * synonyms, but texts that share words, or words that share a stem, come out close, in any script, with no data and no network.
 *
 * Feature hashing with signs after Weinberger et al. 2009 (arXiv:0902.2206); letter n-grams with word boundaries after Bojanowski et al.
 * 2017 (arXiv:1607.04606). A change to anything here needs another model name, or old and new vectors get compared.
 */
import { setImmediate } from 'node:timers/promises';
import type { Embedder, Embedding, EmbedOptions } from './embedder.js';
import { mutatesToUnitLength } from './embedder.js';
import { isContentWord, wordsOf } from './words.js';

const dimensions = 512;
const model = 'hashed-ngram-512';
/** A text is read up to this many characters; more adds cost and no topic. */
const longestText = 20_000;
const textsPerTurn = 32;
/** How much one occurrence of each kind of feature counts. A word yields many n-grams, so each of them counts less. */
const weights = { word: 1, pair: 0.5, ngram: 0.35 };

export class HashedNgramEmbedder implements Embedder {
  readonly models = [model] as const;

  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Embedding[]> {
    const embeddings: Embedding[] = [];
    for (const text of texts) {
      // Lets the service answer now and then: a thousand texts take a few hundred milliseconds.
      if (embeddings.length % textsPerTurn === 0) await setImmediate();
      options.signal?.throwIfAborted();
      embeddings.push({ model, vector: hashedVector(text) });
    }
    return embeddings;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function hashedVector(text: string): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const [feature, { count, weight }] of featuresOf(text.slice(0, longestText))) {
    const hash = fnv1a(feature);
    // The sign makes collisions cancel instead of add up; it comes from a bit that does not choose the place.
    const sign = hash >>> 31 === 0 ? 1 : -1;
    const place = hash % dimensions;
    vector[place] = (vector[place] ?? 0) + sign * weight * (1 + Math.log(count));
  }
  return mutatesToUnitLength(vector);
}

interface Feature {
  count: number;
  readonly weight: number;
}

function featuresOf(text: string): Map<string, Feature> {
  const features = new Map<string, Feature>();
  const add = (feature: string, weight: number): void => {
    const known = features.get(feature);
    if (known) known.count += 1;
    else features.set(feature, { count: 1, weight });
  };
  const words = wordsOf(text);
  const topical = words.filter(isContentWord);
  // A text of stop words only ("what about us?") is still some text.
  const used = topical.length > 0 ? topical : words;
  used.forEach((word, index) => {
    add(`w:${word}`, weights.word);
    const next = used[index + 1];
    if (next !== undefined) add(`p:${word} ${next}`, weights.pair);
    for (const ngram of ngramsOf(word)) add(`c:${ngram}`, weights.ngram);
  });
  if (used.length === 0) add(`t:${text.trim()}`, weights.word);
  return features;
}

/** Letter n-grams of 3 to 5 with the word's borders marked: "tax" → "<ta", "tax", "ax>", "<tax", "tax>", "<tax>". */
function* ngramsOf(word: string): Generator<string> {
  const letters = [...`<${word}>`];
  for (let size = 3; size <= 5; size += 1) for (let start = 0; start + size <= letters.length; start += 1) yield letters.slice(start, start + size).join('');
}

/** FNV-1a, 32 bits, over UTF-16 units, then mixed (murmur3's finaliser) because FNV's low bits alone spread short strings poorly. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Vectors as a sentence model gives them: topics in a space of few dimensions, seen in many with noise, some of them about nothing, all of length 1. */
import { seededRandom } from './random.mjs';

const TOPICS = 20;
const LATENT = 16;
const BACKGROUND = 0.15;
/** Spread of a topic in each latent dimension, where topics themselves have spread 1. */
const SPREAD = 0.35;
/** Length of the noise, where a vector without it is about four long. */
const NOISE = 1;

/** @param {number} count @param {number} dimensions @returns {{ data: Float32Array, count: number, dimensions: number }} always the same */
export function embeddingLike(count, dimensions) {
  const { uniform, normal } = seededRandom(count * 10_007 + dimensions);
  const scale = 1 / Math.sqrt(dimensions);
  const lift = Float64Array.from({ length: LATENT * dimensions }, () => normal() * scale);
  const centres = Array.from({ length: TOPICS }, () => Float64Array.from({ length: LATENT }, () => normal()));
  const data = new Float32Array(count * dimensions);
  const vector = new Float64Array(dimensions);
  for (let row = 0; row < count; row++) {
    const centre = centres[Math.floor(uniform() * TOPICS)];
    const latent = uniform() < BACKGROUND ? centre.map(() => 1.2 * normal()) : centre.map((value) => value + SPREAD * normal());
    let square = 0;
    for (let k = 0; k < dimensions; k++) {
      let value = NOISE * scale * normal();
      for (let l = 0; l < LATENT; l++) value += latent[l] * lift[l * dimensions + k];
      vector[k] = value;
      square += value * value;
    }
    for (let k = 0; k < dimensions; k++) data[row * dimensions + k] = vector[k] / Math.sqrt(square);
  }
  return { data, count, dimensions };
}

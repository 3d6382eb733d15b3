/** Somebody outside of the house who is told each daily root, so that whoever owns the database can not rewrite the past and its roots together. */
import type { DeliberationSettings } from '../../settings.js';
import type { DailyRoot } from '../roots-and-proofs.js';
import { FileWitness } from './file-witness.js';
import { HttpWitness } from './http-witness.js';

export interface Witness {
  /** How people know it, and what its publications are stored under. Holds no secret. */
  readonly name: string;
  /**
   * Tells one root. Telling it again is harmless.
   * @returns the receipt: what to show the witness when asking about it
   * @throws WitnessRefused, or what the network or file system says
   */
  publish(root: DailyRoot, signal: AbortSignal): Promise<string>;
}

/** The witnesses that the settings name; none is fine. @throws InvalidDeliberationSettings */
export function witnessesOf(settings: DeliberationSettings): Witness[] {
  const { witnessApiUrl, witnessApiKey, witnessFile, witnessAllowPrivate, witnessHttpTimeoutSeconds } = settings;
  return [
    ...(witnessApiUrl === undefined ? [] : [new HttpWitness({ url: witnessApiUrl, key: witnessApiKey, timeoutMs: 1_000 * witnessHttpTimeoutSeconds, allowPrivate: witnessAllowPrivate })]),
    ...(witnessFile === undefined ? [] : [new FileWitness(witnessFile)]),
  ];
}

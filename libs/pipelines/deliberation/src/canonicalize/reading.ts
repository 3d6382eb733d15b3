/** What reading a submission gives, whoever read it: nothing usable and why, or one candidate for each concern in it. */
import type { Language, Stance } from '../entities-intake.js';

/** One concern, cleaned up. Lengths are safe to store. */
export interface CandidateDraft {
  /** At most 255 UTF-16 units. */
  readonly title: string;
  readonly summary: string;
  readonly stance: Stance;
  readonly entities: readonly string[];
  readonly topicWords: readonly string[];
  /** 0 to 1; under 0.7 it is flagged `low_confidence`. */
  readonly confidence: number;
  readonly ambiguityFlags: readonly string[];
}

/** The flag of a submission that speaks to a model: it is read as any other, and no later prompt shows it together with what others wrote. */
export const ADDRESSES_A_MODEL = 'addresses_a_model';

/** Who read it, kept with every result. */
export interface Reader {
  /** `local`, or the name of the model server. */
  readonly provider: string;
  readonly modelVersion: string;
  /** First 16 hexadecimal digits of the SHA-256 of the prompt's template; `none` for the local reader. */
  readonly promptVersion: string;
}

export type Reading =
  | { readonly usable: true; readonly language: Language; readonly reader: Reader; readonly candidates: readonly CandidateDraft[] }
  /** `reason` is the reader's own words in the language of the text, where it gave any. */
  | { readonly usable: false; readonly language: Language; readonly reader: Reader; readonly reasonCode: string; readonly reason?: string };

/** What becomes of wall-clock times that clocks jump over in spring, and of those that they show twice in autumn. */
import { DefinitionError } from './errors.js';

export interface DaylightPolicy {
  /** A time that does not exist that day: rings at the instant when clocks jump (`nextValid`), or not at all. */
  gap: 'nextValid' | 'skip';
  /** A time that exists twice that day: rings the first time, the second, or both. */
  overlap: 'first' | 'second' | 'both';
}

/** Once a day stays once a day. */
export const DEFAULT_DAYLIGHT: DaylightPolicy = { gap: 'nextValid', overlap: 'first' };

const GAPS = ['nextValid', 'skip'];
const OVERLAPS = ['first', 'second', 'both'];

/** The policy with its defaults. @throws DefinitionError */
export function daylightSaving(policy: Partial<DaylightPolicy> = {}): DaylightPolicy {
  const { gap, overlap } = { ...DEFAULT_DAYLIGHT, ...policy };
  if (!GAPS.includes(gap)) throw new DefinitionError(`daylight.gap "${String(gap)}": write ${GAPS.join(' or ')}`);
  if (!OVERLAPS.includes(overlap)) throw new DefinitionError(`daylight.overlap "${String(overlap)}": write ${OVERLAPS.join(', ')}`);
  return { gap, overlap };
}

/** How a board is, from what the last readings came to. Postings are only believed to be gone when a second reading says so too: an empty answer is more often a fault. */

export type BoardState = 'new' | 'healthy' | 'failing' | 'gone' | 'empty';

export interface BoardHealth {
  state: BoardState;
  failuresInRow: number;
  zerosInRow: number;
  /** Postings of the last reading that worked. */
  lastCount: number | null;
  /** The episode that was told; null while the board is well. */
  toldState: BoardState | null;
}

/** What a reading came to: so many postings, or an error; `gone` when the board is not there any more. */
export type Reading = { kind: 'read'; count: number } | { kind: 'failed'; gone: boolean };

export interface HealthDecision {
  health: BoardHealth;
  /** To be told: the episode that begins, or that one is over. */
  tell?: 'failing' | 'gone' | 'empty' | 'recovered';
  /** Whether what the reading did not find is closed. */
  closes: boolean;
}

export function healthAfter(before: BoardHealth, reading: Reading, tellAfterFailures: number): HealthDecision {
  if (reading.kind === 'failed') {
    const failuresInRow = before.failuresInRow + 1;
    const state = reading.gone ? 'gone' : 'failing';
    const health: BoardHealth = { ...before, state, failuresInRow };
    // A board that is gone will not come back by itself: that is told at once.
    const due = reading.gone || failuresInRow >= tellAfterFailures;
    return due && before.toldState !== state ? { health: { ...health, toldState: state }, tell: state, closes: false } : { health, closes: false };
  }
  const hadSome = (before.lastCount ?? 0) > 0 || before.zerosInRow > 0;
  const zerosInRow = reading.count === 0 && hadSome ? before.zerosInRow + 1 : 0;
  const state = zerosInRow > 0 ? 'empty' : 'healthy';
  const health: BoardHealth = { ...before, state, failuresInRow: 0, zerosInRow, lastCount: reading.count };
  const closes = zerosInRow !== 1;
  if (state === 'empty') return before.toldState === 'empty' ? { health, closes } : { health: { ...health, toldState: 'empty' }, tell: 'empty', closes };
  return before.toldState === null ? { health, closes } : { health: { ...health, toldState: null }, tell: 'recovered', closes };
}

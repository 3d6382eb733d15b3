/** Lengths of time are plain milliseconds; these names keep the unit visible where a pipeline is written. */

export type Milliseconds = number;

export const seconds = (count: number): Milliseconds => count * 1_000;
export const minutes = (count: number): Milliseconds => count * 60_000;
export const hours = (count: number): Milliseconds => count * 3_600_000;
export const days = (count: number): Milliseconds => count * 86_400_000;

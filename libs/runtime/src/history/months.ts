/** Which months of history are to go. Decided without looking at anything but their names and what is still going on in them. */

/**
 * @param now the month that runs, as `2026-11`
 * @param keep months that are kept besides the one that runs
 * @returns the oldest first; one with runs that are not over stays, however old it is
 */
export function monthsToDrop(months: readonly { month: string; active: number }[], now: string, keep: number): string[] {
  return months.filter(({ month, active }) => active === 0 && number(now) - number(month) > keep).map(({ month }) => month);
}

/** Months counted through, so that they can be subtracted. */
function number(month: string): number {
  const [year = NaN, of = NaN] = month.split('-').map(Number);
  return year * 12 + of;
}

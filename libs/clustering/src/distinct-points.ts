/**
 * Identical points, counted instead of repeated: m copies of one text have m² pairs at distance 0, all equal to the last bit, and would cost as much as m different ones.
 */
import type { Points } from './points.js';

/** Distinct points are numbered by their first copy. */
export interface DistinctPoints {
  count: number;
  /** For each distinct point its row in the data: its first copy. */
  row: Int32Array;
  /** The copies of distinct point u, first to last: `copies[start[u]]` up to before `copies[start[u + 1]]`. */
  start: Int32Array;
  copies: Int32Array;
}

/** Finds the copies by a hash of the row. 0 and -0 are the same coordinate. */
export function distinctPoints(points: Points): DistinctPoints {
  const { count, dimensions } = points;
  const values = points.data;
  const mask = 2 ** Math.ceil(Math.log2(2 * count + 2)) - 1;
  const table = new Int32Array(mask + 1).fill(-1);
  const rows: number[] = [];
  const distinctOf = new Int32Array(count);
  const bits = new Int32Array(2);
  const real = new Float64Array(bits.buffer);
  for (let point = 0; point < count; point++) {
    let hash = 0;
    for (let at = point * dimensions; at < (point + 1) * dimensions; at++) {
      real[0] = values[at]! + 0;
      hash = Math.imul(hash ^ bits[0]! ^ Math.imul(bits[1]!, 0x9e3779b1), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    let place = hash & mask;
    while (table[place] !== -1 && !equalRows(values, rows[table[place]!]!, point, dimensions)) place = (place + 1) & mask;
    if (table[place] === -1) table[place] = rows.push(point) - 1;
    distinctOf[point] = table[place]!;
  }
  return { count: rows.length, row: Int32Array.from(rows), ...membersOf(distinctOf, rows.length) };
}

function equalRows(values: Float32Array | Float64Array, a: number, b: number, dimensions: number): boolean {
  for (let k = 0; k < dimensions; k++) if (values[a * dimensions + k] !== values[b * dimensions + k]) return false;
  return true;
}

function membersOf(distinctOf: Int32Array, count: number): { start: Int32Array; copies: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const distinct of distinctOf) start[distinct + 1]!++;
  for (let distinct = 0; distinct < count; distinct++) start[distinct + 1]! += start[distinct]!;
  const next = start.slice();
  const copies = new Int32Array(distinctOf.length);
  distinctOf.forEach((distinct, point) => (copies[next[distinct]!++] = point));
  return { start, copies };
}

/** How relevant a match is, from 0 to 100, as a sum that can be read: where a term stands counts, and how much of a group is there. */
import type { TermHit } from './matcher.js';
import type { Field } from './posting.js';

export interface Score {
  /** A whole number from 0 to 100. */
  value: number;
  /** Such as `python in the title: 10 of 10`. */
  parts: string[];
}

const POINTS: Readonly<Record<Field, number>> = { title: 10, location: 8, description: 5 };
const BEST = 10;
/** For each further term of a group, up to three. */
const FURTHER = 1;
const MOST_FURTHER = 3;

export function judge(required: readonly TermHit[], missing: readonly string[], groups: readonly (readonly TermHit[])[]): Score {
  const rows = [
    ...required.map((hit) => ({ name: hit.term, ...best([hit]), of: BEST })),
    ...missing.map((name) => ({ name, points: 0, where: 'nowhere', of: BEST })),
    ...groups.map((hits, index) => ofGroup(hits, index)),
  ];
  const [points, of] = [rows, rows.map((row) => ({ points: row.of }))].map((list) => list.reduce((sum, row) => sum + row.points, 0)) as [number, number];
  return { value: of === 0 ? 0 : Math.round((100 * points) / of), parts: rows.map((row) => `${row.name} ${row.where}: ${row.points} of ${row.of}`) };
}

function ofGroup(hits: readonly TermHit[], index: number): { name: string; points: number; where: string; of: number } {
  const further = Math.min(Math.max(0, hits.length - 1), MOST_FURTHER) * FURTHER;
  const { points, where } = best(hits);
  return { name: hits.length === 0 ? `group ${index + 1}` : hits.map(({ term }) => term).join(', '), points: points + further, where, of: BEST + MOST_FURTHER * FURTHER };
}

function best(hits: readonly TermHit[]): { points: number; where: string } {
  const fields = hits.flatMap((hit) => hit.fields);
  const [first] = [...fields].sort((a, b) => POINTS[b] - POINTS[a]);
  return first === undefined ? { points: 0, where: 'nowhere' } : { points: POINTS[first], where: `in the ${first}` };
}

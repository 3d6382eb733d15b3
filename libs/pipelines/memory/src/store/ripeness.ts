/** Whether anything is due, and when something will be: asked at every look, so each part is one probe of an index, whatever the tables hold. */
import type { EntityManager } from 'typeorm';

/** How many kinds of things are due. */
export async function dueKinds(manager: EntityManager, now: Date, suggestedTagMs: number): Promise<number> {
  const [row] = await manager.query<{ kinds: number }[]>(`SELECT (${PARTS.map((part) => `coalesce((${part}) <= $1, false)::int`).join(' + ')}) AS kinds`, [now, suggestedTagMs]);
  return row?.kinds ?? 0;
}

/** When the first thing is due, in the past when one is already; null when there is nothing. */
export async function firstDue(manager: EntityManager, suggestedTagMs: number): Promise<Date | null> {
  const [row] = await manager.query<{ at: Date | null }[]>(`SELECT least(${PARTS.map((part) => `(${part})`).join(', ')}) AS at`.replaceAll('$2', '$1'), [suggestedTagMs]);
  return row?.at ?? null;
}

const first = (column: string, table: string, where: string): string => `SELECT ${column} FROM memory.${table} WHERE ${where} ORDER BY ${column.split(' ')[0]} LIMIT 1`;

const PARTS = [
  first('due_at', 'due', 'true'),
  first('expiry_due_at', 'memory', `status = 'pending'`),
  first(`suggested_at + $2::float8 * interval '1 millisecond'`, 'tag', `status = 'suggested'`),
  first('ask_at', 'event', `status = 'pending' AND ask_at IS NOT NULL`),
  first('due_at', 'tombstone', 'true'),
];

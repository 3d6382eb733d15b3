/** Lists of steps as rows, named by their content: every run of one version of a pipeline shares one, and finishes on it whatever is deployed meanwhile. */
import { createHash } from 'node:crypto';
import type { StepPlan } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';

export interface PlanRow {
  id: string;
  pipeline: string;
  steps: readonly StepPlan[];
}

const ids = new WeakMap<readonly StepPlan[], string>();

/** The id of a list of steps: a digest of its content. */
export function planRow(pipeline: string, steps: readonly StepPlan[]): PlanRow {
  const known = ids.get(steps);
  if (known !== undefined) return { id: known, pipeline, steps };
  const digest = createHash('sha256').update(pipeline).update(JSON.stringify(steps)).digest('hex');
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
  ids.set(steps, id);
  return { id, pipeline, steps };
}

const read = new Map<string, StepPlan[]>();
/** A process meets a handful of versions; the bound is for one that runs for years. */
const MOST_KEPT = 500;

/** The lists with these ids. They never change, so each is read once. @throws Error naming a list that is not there */
export async function plansOf(database: DataSource | EntityManager, wanted: readonly string[]): Promise<ReadonlyMap<string, StepPlan[]>> {
  const missing = [...new Set(wanted)].filter((id) => !read.has(id));
  if (missing.length > 0) {
    if (read.size > MOST_KEPT) read.clear();
    const rows = await database.query<{ id: string; steps: StepPlan[] }[]>('SELECT id, steps FROM engine.plan WHERE id = ANY($1)', [missing]);
    for (const { id, steps } of rows) {
      read.set(id, steps);
      // A run that goes on with another keeps its list, and the list its id: the database has put its fields into another order.
      ids.set(steps, id);
    }
  }
  return read;
}

/** Keeps schedules from following each other round and round: a definition that would close a circle is refused, whoever writes it. */
import { circleInWords, circleOf, DefinitionError } from '@carillon/engine';
import type { ChainLink, Trigger } from '@carillon/engine';
import type { EntityManager } from 'typeorm';

type Linked = Pick<ChainLink, 'name' | 'pipeline' | 'scope'> & { trigger: Trigger };

/**
 * One definition at a time from here to the end of the transaction, or two that are written at once would close a circle that neither sees. Paused schedules count: they can be resumed.
 * @param instead definitions that are about to take the place of what the ledger has under their names @throws DefinitionError
 */
export async function refuseCircles(manager: EntityManager, schedule: Linked, instead: readonly Linked[] = []): Promise<void> {
  const [link] = linksOf([schedule]);
  if (!link) return;
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('carillon.chains', 0))`);
  const recorded = await manager.query<Linked[]>('SELECT name, pipeline, scope, trigger FROM engine.schedule WHERE after_pipeline IS NOT NULL ORDER BY name');
  const replaced = new Set(instead.map(({ name }) => name));
  const circle = circleOf(link, linksOf([...recorded.filter(({ name }) => !replaced.has(name)), ...instead]));
  if (circle) throw new DefinitionError(`schedule "${link.name}" would close a circle in which every run causes the next: ${circleInWords(circle)}. Let one of them ring by time or by hand, or delete it`);
}

const linksOf = (schedules: readonly Linked[]): ChainLink[] => schedules.flatMap(({ name, pipeline, scope, trigger }) => (trigger.kind === 'after' ? [{ name, pipeline, scope, trigger }] : []));

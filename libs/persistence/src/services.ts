/** Who is alive: one row per process, beaten by its heartbeat thread and closed when it drains. */
import type { DataSource } from 'typeorm';
import { newId } from './identifiers.js';

export interface ServiceRow {
  id: string;
  name: string;
  host: string;
  pid: number;
  startedAt: Date;
  beatAt: Date;
}

export async function registerService(dataSource: DataSource, service: { name: string; host: string; pid: number }): Promise<string> {
  const id = newId();
  await dataSource.manager.query('INSERT INTO engine.service (id, name, host, pid) VALUES ($1, $2, $3, $4)', [id, service.name, service.host, service.pid]);
  return id;
}

export async function retireService(dataSource: DataSource, id: string): Promise<void> {
  await dataSource.manager.query('UPDATE engine.service SET stopped_at = engine.clock() WHERE id = $1', [id]);
}

/** Services whose heart beat within the given time. */
export async function livingServices(dataSource: DataSource, withinMs: number): Promise<ServiceRow[]> {
  return dataSource.manager.query(
    `SELECT id, name, host, pid, started_at AS "startedAt", beat_at AS "beatAt" FROM engine.service
     WHERE stopped_at IS NULL AND beat_at > engine.clock() - $1 * interval '1 millisecond' ORDER BY name, started_at`,
    [withinMs],
  );
}

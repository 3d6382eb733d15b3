/** What a process must ask the database to know whether it can work: two look-ups at the ends of indexes, however much waits. */
import type { DataSource } from 'typeorm';

export interface HealthFacts {
  /** How long the oldest promised message has waited. */
  relayLagMs: number;
  /** Since this process's heartbeat thread last wrote to the database; null when its row is gone. */
  heartbeatAgeMs: number | null;
}

export async function healthFacts(dataSource: DataSource, serviceId: string): Promise<HealthFacts> {
  const [facts] = await dataSource.manager.query<HealthFacts[]>(
    `SELECT coalesce((SELECT greatest(0, extract(epoch FROM engine.clock() - available_at) * 1000)::float8 FROM engine.outbox WHERE available_at <= engine.clock() ORDER BY available_at LIMIT 1), 0) AS "relayLagMs",
            (SELECT greatest(0, extract(epoch FROM engine.clock() - beat_at) * 1000)::float8 FROM engine.service WHERE id = $1) AS "heartbeatAgeMs"`,
    [serviceId],
  );
  return facts ?? { relayLagMs: 0, heartbeatAgeMs: null };
}

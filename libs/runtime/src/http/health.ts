/** Whether this process is alive, and whether it can do its work: database and bus asked, not assumed. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { outboxBacklog } from '@carillon/persistence';
import type { House } from '../service/house.js';

const ANSWER_WITHIN_MS = 2_000;
/** Promised messages that wait longer than this mean that the relay does not get through. */
const RELAY_LAG_LIMIT_MS = 30_000;

export interface Health {
  status: 'ready' | 'not ready';
  database: string;
  nats: string;
  relayLagMs: number;
}

export function addHealthRoutes(app: NestFastifyApplication, house: House): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/health/live', () => ({ status: 'live', service: house.name }));
  fastify.get('/health/ready', async (_request, reply) => {
    const health = await healthOf(house);
    return reply.status(health.status === 'ready' ? 200 : 503).send(health);
  });
}

export async function healthOf({ dataSource, bus }: Pick<House, 'dataSource' | 'bus'>): Promise<Health> {
  const [backlog, nats] = await Promise.all([within(outboxBacklog(dataSource.manager)), within(bus.status())]);
  const database = backlog instanceof Error ? backlog.message : 'ok';
  const connected = nats instanceof Error ? nats.message : nats.connected ? 'ok' : 'disconnected';
  const relayLagMs = backlog instanceof Error ? 0 : Math.max(0, Math.round(backlog.oldestMs));
  const ready = database === 'ok' && connected === 'ok' && relayLagMs < RELAY_LAG_LIMIT_MS;
  return { status: ready ? 'ready' : 'not ready', database, nats: connected, relayLagMs };
}

async function within<T>(answer: Promise<T>): Promise<T | Error> {
  const late = new Promise<Error>((resolve) => setTimeout(() => resolve(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS).unref());
  return Promise.race([answer.catch(() => new Error('unreachable')), late]);
}

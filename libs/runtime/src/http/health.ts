/** Whether this process is alive, and whether it can do its work: database, bus and its own loops asked, not assumed. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { healthFacts } from '@carillon/persistence';
import type { House } from '../service/house.js';
import { judgeLife, judgeReadiness } from './judge-health.js';
import type { Health } from './judge-health.js';

const ANSWER_WITHIN_MS = 2_000;

export function addHealthRoutes(app: NestFastifyApplication, house: House): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/health/live', (_request, reply) => {
    const life = judgeLife(house.name, house.vitals.signs());
    return reply.status(life.status === 'live' ? 200 : 503).send(life);
  });
  fastify.get('/health/ready', async (_request, reply) => {
    const health = await healthOf(house);
    return reply.status(health.status === 'ready' ? 200 : 503).send(health);
  });
}

export async function healthOf({ dataSource, bus, serviceId, vitals }: Pick<House, 'dataSource' | 'bus' | 'serviceId' | 'vitals'>): Promise<Health> {
  const [facts, nats] = await Promise.all([within(healthFacts(dataSource, serviceId)), within(bus.status())]);
  return judgeReadiness({
    database: facts instanceof Error ? facts.message : 'ok',
    nats: nats instanceof Error ? nats.message : nats.connected ? 'ok' : 'disconnected',
    relayLagMs: facts instanceof Error ? 0 : Math.round(facts.relayLagMs),
    heartbeatAgeMs: facts instanceof Error || facts.heartbeatAgeMs === null ? null : Math.round(facts.heartbeatAgeMs),
    signs: vitals.signs(),
  });
}

async function within<T>(answer: Promise<T>): Promise<T | Error> {
  const late = new Promise<Error>((resolve) => setTimeout(() => resolve(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS).unref());
  return Promise.race([answer.catch(() => new Error('unreachable')), late]);
}

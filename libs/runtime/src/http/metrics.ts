/** `GET /metrics` for Prometheus. Open where only this machine can ask; elsewhere whoever asks needs the token of the settings, or a key that may read. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { timingSafeEqual } from 'node:crypto';
import { holderOf } from '@carillon/persistence';
import type { FastifyRequest } from 'fastify';
import { houseGauges } from '../meters/house-gauges.js';
import type { House } from '../service/house.js';
import { problemBody } from './problem.js';

export function addMetricsRoute(app: NestFastifyApplication, house: House): void {
  const { registry } = house.meters;
  const sample = houseGauges(registry, house);
  app.getHttpAdapter().getInstance().get('/metrics', async (request, reply) => {
    const refusal = await refusalOf(request, house);
    if (refusal !== undefined) return reply.status(401).header('content-type', 'application/problem+json; charset=utf-8').send(problemBody(401, refusal));
    await sample();
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
}

/** Undefined when the caller may see the numbers. */
async function refusalOf({ headers }: FastifyRequest, { settings, dataSource }: House): Promise<string | undefined> {
  const { metricsToken, httpHost } = settings;
  const [, given] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (metricsToken === undefined && isLoopback(httpHost)) return undefined;
  if (given === undefined) return 'send METRICS_TOKEN, or an API key with the right "read", as "Authorization: Bearer …"';
  if (metricsToken !== undefined && isSame(given, metricsToken)) return undefined;
  const holder = await holderOf(dataSource, given);
  return holder?.rights.includes('read') === true ? undefined : 'this is neither METRICS_TOKEN nor an API key with the right "read"';
}

export const isLoopback = (host: string): boolean => /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(host);

/** Takes as long for a token that is nearly right as for any other. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The same HTTP manners for every service: problem+json, checked requests, API keys, health, metrics, and pages that document the routes. */
import { Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { House } from '../service/house.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { addHealthRoutes } from './health.js';
import { addMetricsRoute } from './metrics.js';
import { addTraceHooks } from './trace-hooks.js';
import { ProblemFilter } from './problem.js';
import { requestValidationPipe } from './request-rules.js';
import { isTracing } from '../tracing/tracing.js';

export function prepareHttp(app: NestFastifyApplication, house: House, describes: string): void {
  app.useGlobalFilters(new ProblemFilter(house.log));
  app.useGlobalPipes(requestValidationPipe());
  app.useGlobalGuards(new ApiKeyGuard(house.dataSource, app.get(Reflector)));
  if (isTracing()) addTraceHooks(app);
  addHealthRoutes(app, house);
  addMetricsRoute(app, house);
  const document = new DocumentBuilder().setTitle(`Carillon ${house.name}`).setDescription(describes).setVersion('0.1').addBearerAuth().build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, document));
}

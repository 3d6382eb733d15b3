/** One run, asked for over HTTP by somebody who traces, through two services and the bus: one trace, as a collector receives it. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, otlpCollector } from '@carillon/testing';
import type { CollectedSpan, OtlpCollector } from '@carillon/testing';
import { headers } from '@nats-io/transport-node';
import { Tower } from './harness.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let collector: OtlpCollector;
let tower: Tower;
beforeAll(async () => {
  collector = await otlpCollector();
  tower = await Tower.open({ env: { BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600', OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }, services: ['scheduler', 'intake', 'notifier'] });
});
afterAll(async () => {
  await tower.close();
  await collector.close();
});

const called = (spans: CollectedSpan[], name: string): CollectedSpan | undefined => spans.find((span) => span.name === name);

it('a run is one trace over scheduler and intake: request, run, and each attempt of a step', async () => {
  const { status, body } = await tower.ask<{ runId: string }>('scheduler', 'POST', '/runs/deliberation', {}, { traceparent: `00-${TRACE}-${CALLER}-01` });
  expect(status).toBe(202);
  const ofTrace = (): CollectedSpan[] => collector.spans.filter((span) => span.traceId === TRACE);
  await eventually(() => called(ofTrace(), 'run deliberation') && called(ofTrace(), 'step embedMissing') && called(ofTrace(), 'step markProcessed'), { within: 60_000, every: 200, what: 'the spans to arrive' });

  const request = called(ofTrace(), 'POST /runs/:pipeline');
  expect(request).toMatchObject({ service: 'carillon-scheduler', parentSpanId: CALLER, attributes: { 'http.response.status_code': 202 } });
  const run = called(ofTrace(), 'run deliberation');
  expect(run).toMatchObject({ parentSpanId: request?.spanId, attributes: { 'carillon.run': body.runId } });
  const steps = ofTrace().filter(({ name }) => name.startsWith('step '));
  expect(steps.map(({ name }) => name.slice(5)).sort()).toEqual(['buildAgenda', 'checkStability', 'closeExpiredCycles', 'cluster', 'embedMissing', 'markProcessed', 'proposeOptions', 'recoverPending', 'summarize']);
  for (const step of steps) expect(step).toMatchObject({ parentSpanId: run?.spanId, attributes: { 'carillon.run': body.runId, 'carillon.attempt': 1 } });
  expect(new Set(steps.map(({ service }) => service))).toEqual(new Set(['carillon-scheduler', 'carillon-intake']));
  expect(run?.startMs).toBeLessThanOrEqual(Math.min(...steps.map(({ startMs }) => startMs)));
});

it('a notice is delivered in the trace of whoever published it', async () => {
  const trace = 'ab'.repeat(16);
  const client = await tower.connect('operator');
  const traced = headers();
  traced.set('traceparent', `00-${trace}-${CALLER}-01`);
  client.publish('notify.telegram', JSON.stringify({ user_id: 'channel:spec', message_type: 'text', content: { text: 'Hello' } }), { headers: traced });
  const spans = (): CollectedSpan[] => collector.spans.filter((span) => span.traceId === trace && span.service === 'carillon-notifier');
  // The first message names no row: it files one, which keeps the trace; the row's own message is relayed and handled in the same trace.
  await eventually(() => spans().filter(({ name }) => name === 'receive notify.telegram').length === 2, { within: 60_000, every: 200 });
  const received = spans().filter(({ name }) => name === 'receive notify.telegram');
  const byHand = received.find(({ parentSpanId }) => parentSpanId === CALLER);
  const nudged = received.find(({ parentSpanId }) => parentSpanId === byHand?.spanId);
  expect(nudged).toBeDefined();
  const delivered = await eventually(() => spans().find(({ name }) => name === 'deliver notice'), { within: 60_000, every: 200 });
  expect(delivered).toMatchObject({ parentSpanId: byHand?.spanId, attributes: { 'carillon.notice.type': 'text', 'carillon.notice.status': 'dry-run' } });
});

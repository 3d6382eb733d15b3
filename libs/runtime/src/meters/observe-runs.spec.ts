import { expect, it } from '@jest/globals';
import { overAtOnce } from '@carillon/persistence';
import { otlpCollector } from '@carillon/testing';
import { startTracing } from '../tracing/tracing.js';
import { Meters } from './meters.js';
import { observeRuns } from './observe-runs.js';

it('a run that no step ended has its number, and its span in the trace of whoever asked for it', async () => {
  const collector = await otlpCollector();
  const stop = await startTracing({ service: 'spec', serviceId: 'spec', endpoint: collector.endpoint, ratio: 1 });
  const meters = new Meters('spec');
  const asked = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  observeRuns(meters)([
    { id: '019aaf2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b', pipeline: 'news', status: 'failed', trace: asked },
    { id: '019aaf2b-3c4d-7e5f-8a6b-7c8d9e0f1a2c', pipeline: 'news', status: 'cancelled', trace: null },
  ]);
  await stop();
  await collector.close();
  expect(collector.spans.map(({ name, traceId, parentSpanId, spanId, attributes }) => [name, attributes['carillon.status'], traceId, parentSpanId, spanId])).toEqual([
    ['run news', 'failed', '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', '8a6b7c8d9e0f1a2b'],
    ['run news', 'cancelled', '019aaf2b3c4d7e5f8a6b7c8d9e0f1a2c', '019aaf2b3c4d7e5f', '8a6b7c8d9e0f1a2c'],
  ]);
  expect((await meters.registry.metrics()).match(/^carillon_runs_total.*$/gm)).toEqual(['carillon_runs_total{pipeline="news",outcome="failed",service="spec"} 1', 'carillon_runs_total{pipeline="news",outcome="cancelled",service="spec"} 1']);
});

it('what is over as it is made is told, what goes on is not, and a known key makes nothing', () => {
  const made = { id: 'a', reason: null, created: true };
  const replaced = [{ id: 'b', pipeline: 'news', status: 'cancelled' as const }];
  expect(overAtOnce('news', { ...made, status: 'running', replaced })).toEqual(replaced);
  expect(overAtOnce('news', { ...made, status: 'skipped' })).toEqual([{ id: 'a', pipeline: 'news', status: 'skipped' }]);
  expect(overAtOnce('news', { ...made, status: 'skipped', created: false })).toEqual([]);
});

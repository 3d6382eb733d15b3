/** The OpenTelemetry SDK, loaded only where there is a collector: batches spans and sends them over OTLP/HTTP. */
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, RandomIdGenerator, SamplingDecision, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { IdGenerator, Sampler } from '@opentelemetry/sdk-trace';
import type { TraceDestination, TraceSdk } from './tracing.js';

/** A collector that is away must not hold up the exit. */
const STOP_WITHIN_MS = 3_000;
const EXPORT_TIMEOUT_MS = 5_000;
/** Spans that a slow collector makes wait; beyond them the newest are dropped, and the work goes on. */
const MOST_SPANS_WAITING = 8_192;

export function startSdk({ service, serviceId, endpoint, ratio }: TraceDestination): TraceSdk {
  const ids = new KnownIds();
  const atRoot = new TraceIdRatioBasedSampler(ratio);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `carillon-${service}`, 'service.instance.id': serviceId }),
    sampler: new ParentBasedSampler({ root: atRoot }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_TIMEOUT_MS, maxQueueSize: MOST_SPANS_WAITING })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    sampledAtRoot: (traceId) => decides(atRoot, traceId),
    withIds: (known, start) => ids.withIds(known, start),
    stop: async () => {
      await Promise.race([provider.shutdown().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref())]);
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}

const decides = (sampler: Sampler, traceId: string): boolean => sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED;

/** Random ids, but for spans that were named before they began. */
class KnownIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  private known: Pick<SpanContext, 'traceId' | 'spanId'> | undefined;

  withIds<T>(ids: Pick<SpanContext, 'traceId' | 'spanId'>, start: () => T): T {
    this.known = ids;
    try {
      return start();
    } finally {
      this.known = undefined;
    }
  }

  generateTraceId = (): string => this.known?.traceId ?? this.random.generateTraceId();
  generateSpanId = (): string => this.known?.spanId ?? this.random.generateSpanId();
}

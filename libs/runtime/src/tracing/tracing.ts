/**
 * Spans of the house: request or ring → run → each attempt of a step → what its messages lead to. Everything here costs next to nothing until
 * `startTracing` found somewhere to send spans to; only then is the SDK loaded.
 */
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span, SpanContext } from '@opentelemetry/api';
import { createdAt, formatTraceparent, parentOfRun, spanOfRun } from './trace-ids.js';
import type { TracedRun } from './trace-ids.js';

/** What the SDK adds to the API: spans whose ids are known before they begin, and the decision whether a new trace is kept. */
export interface TraceSdk {
  sampledAtRoot(traceId: string): boolean;
  /** The next span that `start` begins has these ids. */
  withIds(ids: Pick<SpanContext, 'traceId' | 'spanId'>, start: () => Span): Span;
  /** Sends what is left. */
  stop(): Promise<void>;
}

export interface TraceDestination {
  service: string;
  serviceId: string;
  /** Base URL of an OTLP/HTTP collector; `/v1/traces` is added. */
  endpoint: string;
  /** Share of the traces that begin here and are kept, 0 to 1. */
  ratio: number;
}

const tracer = trace.getTracer('carillon.runtime');
let sdk: TraceSdk | undefined;

/** Spans go out from now on, in batches and without holding anything up. @returns what sends the rest and ends it */
export async function startTracing(destination: TraceDestination): Promise<() => Promise<void>> {
  const { startSdk } = await import('./sdk.js');
  const started = startSdk(destination);
  sdk = started;
  return () => {
    sdk = undefined;
    return started.stop();
  };
}

export const isTracing = (): boolean => sdk !== undefined;

/** The trace of what is being done now, to be kept with a run or a promised message; undefined when there is none. */
export function currentTraceparent(): string | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  return active && trace.isSpanContextValid(active) ? formatTraceparent(active) : undefined;
}

/** Says that a schedule rang a run that nobody asked for. */
export function traceRing(run: TracedRun, attributes: Attributes): void {
  if (!sdk || run.trace != null) return;
  const { traceId, spanId } = parentOfRun(run, sdk.sampledAtRoot);
  const startTime = createdAt(run.id);
  sdk.withIds({ traceId, spanId }, () => tracer.startSpan('ring', { root: true, kind: SpanKind.PRODUCER, startTime, attributes })).end();
}

/** Does one attempt of a step as a span below its run. */
export function inStepSpan<T>(run: TracedRun, step: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (!sdk) return work();
  const below = trace.setSpanContext(context.active(), spanOfRun(run, sdk.sampledAtRoot));
  return inSpan(`step ${step}`, { kind: SpanKind.INTERNAL, attributes: { 'carillon.run': run.id, ...attributes } }, work, below);
}

/** An attempt that another program did is over: its span, as long as it took. */
export function traceAttempt(run: TracedRun, step: string, attributes: Attributes, tookMs: number): void {
  if (!sdk) return;
  const below = trace.setSpanContext(context.active(), spanOfRun(run, sdk.sampledAtRoot));
  const startTime = new Date(Date.now() - tookMs);
  tracer.startSpan(`step ${step}`, { kind: SpanKind.INTERNAL, startTime, attributes: { 'carillon.run': run.id, ...attributes } }, below).end();
}

/** For programs that work on a run and trace it themselves: below the run where we trace it, otherwise below whoever asked for it. */
export function traceparentOf(run: TracedRun): string | undefined {
  return sdk ? formatTraceparent(spanOfRun(run, sdk.sampledAtRoot)) : (run.trace ?? undefined);
}

/** A run is over: its span, from when it was made until now, by whichever process ended it. */
export function traceRunEnd(run: TracedRun, pipeline: string, status: string): void {
  if (!sdk) return;
  const parent = trace.setSpanContext(context.active(), parentOfRun(run, sdk.sampledAtRoot));
  const { traceId, spanId } = spanOfRun(run, sdk.sampledAtRoot);
  const attributes = { 'carillon.run': run.id, 'carillon.pipeline': pipeline, 'carillon.status': status };
  const span = sdk.withIds({ traceId, spanId }, () => tracer.startSpan(`run ${pipeline}`, { kind: SpanKind.INTERNAL, startTime: createdAt(run.id), attributes }, parent));
  if (status === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Work as a span that is active meanwhile; an error marks it, and says no more than its name: messages may quote what people wrote. */
export function inSpan<T>(name: string, options: { kind?: SpanKind; attributes?: Attributes }, work: (span: Span) => Promise<T>, parent = context.active()): Promise<T> {
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'thrown' });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The caller's trace of an HTTP request, or the start of one. */
export const traceOfHeaders = (headers: Record<string, unknown>): ReturnType<typeof context.active> => propagation.extract(context.active(), headers);

/**
 * Which trace a run belongs to and which span it is, found from its row alone, so that every process that works on it agrees without asking. A
 * run that nobody asked for with a trace of their own has its id, 128 bits like a trace's, as its trace.
 */
import { TraceFlags } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';

export interface TracedRun {
  id: string;
  /** W3C traceparent of whoever asked for it. */
  trace?: string | null;
}

/** The span that is the run itself: its steps are its children. The last half of a UUID has its variant bits, so it is never the invalid zero. */
export function spanOfRun(run: TracedRun, sampledAtRoot: (traceId: string) => boolean): SpanContext {
  const { traceId, traceFlags } = parentOfRun(run, sampledAtRoot);
  return { traceId, spanId: hexOf(run.id).slice(16), traceFlags, isRemote: true };
}

/** The span that caused the run: the request, or the ring of its schedule. */
export function parentOfRun({ id, trace }: TracedRun, sampledAtRoot: (traceId: string) => boolean): SpanContext {
  const asked = trace == null ? undefined : parseTraceparent(trace);
  if (asked) return asked;
  const traceId = hexOf(id);
  return { traceId, spanId: traceId.slice(0, 16), traceFlags: sampledAtRoot(traceId) ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

/** When a UUIDv7 was made. */
export function createdAt(id: string): Date {
  return new Date(Number.parseInt(hexOf(id).slice(0, 12), 16));
}

/** Undefined for anything that is not version 00 with ids that are not zero. */
export function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

const hexOf = (id: string): string => id.replaceAll('-', '');

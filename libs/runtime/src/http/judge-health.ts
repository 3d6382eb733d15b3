/** What the facts about a process mean: alive, ready, or not, and why. Decided without asking anything. */
import type { VitalSigns } from '../service/vitals.js';

/** Promised messages that wait longer than this mean that the relay does not get through. */
export const RELAY_LAG_LIMIT_MS = 30_000;
/** The thread beats every few seconds; leases last longer than this. */
export const HEARTBEAT_LIMIT_MS = 15_000;
/** A loop that is overdue for this long does not do its work. */
export const LOOP_LATE_LIMIT_MS = 30_000;
/** Past the statement timeout several times over, no round is merely slow. */
export const LOOP_DEAD_LIMIT_MS = 180_000;
/** Whatever blocks the event loop for this long belongs into a thread; a process that does it again and again is better replaced. */
export const BLOCKED_LIMIT_MS = 20_000;

export interface Liveness {
  status: 'live' | 'not live';
  service: string;
  reasons: string[];
}

export function judgeLife(service: string, { blockedMs, loops }: VitalSigns): Liveness {
  const reasons = [
    ...(blockedMs >= BLOCKED_LIMIT_MS ? [`the event loop stood still for ${blockedMs} ms`] : []),
    ...overdue(loops, LOOP_DEAD_LIMIT_MS).map(([name, ms]) => `the loop "${name}" has been hanging for ${ms} ms`),
  ];
  return { status: reasons.length === 0 ? 'live' : 'not live', service, reasons };
}

export interface HealthReadings {
  /** `ok`, or why the database did not answer. */
  database: string;
  nats: string;
  relayLagMs: number;
  /** Null when the process's own row is gone, or the database did not answer. */
  heartbeatAgeMs: number | null;
  signs: VitalSigns;
}

export interface Health {
  status: 'ready' | 'not ready';
  database: string;
  nats: string;
  relayLagMs: number;
  heartbeatAgeMs: number | null;
  loops: Record<string, number>;
  reasons: string[];
}

export function judgeReadiness({ database, nats, relayLagMs, heartbeatAgeMs, signs }: HealthReadings): Health {
  const reasons = [
    ...(database === 'ok' ? [] : [`the database: ${database}`]),
    ...(nats === 'ok' ? [] : [`NATS: ${nats}`]),
    ...(relayLagMs < RELAY_LAG_LIMIT_MS ? [] : [`promised messages have waited for ${relayLagMs} ms`]),
    ...(database !== 'ok' || (heartbeatAgeMs !== null && heartbeatAgeMs < HEARTBEAT_LIMIT_MS) ? [] : [heartbeatAgeMs === null ? "this process's row in engine.service is gone" : `the heartbeat thread last wrote ${heartbeatAgeMs} ms ago`]),
    ...overdue(signs.loops, LOOP_LATE_LIMIT_MS).map(([name, ms]) => `the loop "${name}" is overdue by ${ms} ms`),
    ...overdue(signs.failing, LOOP_LATE_LIMIT_MS).map(([name, ms]) => `the loop "${name}" has failed for ${ms} ms`),
  ];
  return { status: reasons.length === 0 ? 'ready' : 'not ready', database, nats, relayLagMs, heartbeatAgeMs, loops: signs.loops, reasons };
}

const overdue = (loops: Record<string, number>, limitMs: number): [string, number][] => Object.entries(loops).filter(([, ms]) => ms >= limitMs);

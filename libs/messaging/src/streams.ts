/**
 * The three streams and who may count on them. Every service ensures them at boot and after a loss, in any order and at the same time,
 * so none has to start first.
 */
import { errors as natsErrors, nanos } from '@nats-io/transport-node';
import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import type { Bus } from './bus.js';
import { StreamUnavailable, isCausedBy } from './errors.js';

export type StreamDefinition = Pick<StreamConfig, 'name' | 'subjects' | 'retention' | 'storage' | 'discard' | 'duplicate_window' | 'max_age' | 'max_bytes'>;

const shared = { storage: StorageType.File, discard: DiscardPolicy.Old, duplicate_window: nanos(120_000) };

export const STREAMS: readonly StreamDefinition[] = [
  // Work stays until it is done: no age and no size may take it away.
  { ...shared, name: 'CARILLON_STEPS', subjects: ['step.>'], retention: RetentionPolicy.Workqueue, max_age: 0, max_bytes: -1 },
  { ...shared, name: 'CARILLON_NOTIFY', subjects: ['notify.>'], retention: RetentionPolicy.Workqueue, max_age: 0, max_bytes: -1 },
  // Facts are for latecomers of the last week; the ledger keeps them for ever.
  { ...shared, name: 'CARILLON_FACTS', subjects: ['tick.>', 'run.*.finished'], retention: RetentionPolicy.Limits, max_age: nanos(7 * 86_400_000), max_bytes: 256 * 1024 ** 2 },
];

const STREAM_NOT_FOUND = 10059;
const NAME_IN_USE = 10058;

/**
 * Creates what is missing and updates what we define; settings that an operator added (replicas, placement) are kept.
 * A service that may not create or look up streams goes on: another one makes them, and its consumers tell when nobody did.
 * Resolves to the names of the streams that this service was not allowed to make or change.
 * @throws StreamUnavailable
 */
export async function ensureStreams(bus: Bus, streams: readonly StreamDefinition[] = STREAMS): Promise<string[]> {
  const denied: string[] = [];
  for (const stream of streams) if (!(await ensureStream(bus, stream, 3))) denied.push(stream.name);
  return denied;
}

/** The stream that carries the subject (which may hold wildcards), or undefined for core request/reply subjects. */
export function streamOf(subject: string): StreamDefinition | undefined {
  return STREAMS.find(({ subjects }) => subjects.some((filter) => covers(filter.split('.'), subject.split('.'))));
}

async function ensureStream(bus: Bus, wanted: StreamDefinition, attempts: number): Promise<boolean> {
  try {
    const found = await find(bus, wanted.name);
    if (!found) await bus.asking(() => bus.manager.streams.add(wanted));
    else if (differs(found.config, wanted)) await bus.asking(() => bus.manager.streams.update(wanted.name, wanted));
    return true;
  } catch (error) {
    if (isCausedBy(error, natsErrors.PermissionViolationError)) return false;
    // Another service won the race to create it, perhaps with another version's settings: look again.
    if (attempts > 1 && error instanceof JetStreamApiError && error.code === NAME_IN_USE) return ensureStream(bus, wanted, attempts - 1);
    throw new StreamUnavailable(wanted.name, error);
  }
}

async function find(bus: Bus, name: string): Promise<StreamInfo | undefined> {
  try {
    return await bus.asking(() => bus.manager.streams.info(name));
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

function differs(found: StreamConfig, wanted: StreamDefinition): boolean {
  return Object.entries(wanted).some(([key, value]) => JSON.stringify(found[key as keyof StreamDefinition]) !== JSON.stringify(value));
}

/** Whether every subject that `tokens` can stand for is caught by `filter`. */
function covers(filter: string[], tokens: string[]): boolean {
  const last = filter.indexOf('>');
  if (last >= 0) return tokens.length > last && covers(filter.slice(0, last), tokens.slice(0, last));
  return filter.length === tokens.length && filter.every((token, place) => token === '*' || token === tokens[place]);
}

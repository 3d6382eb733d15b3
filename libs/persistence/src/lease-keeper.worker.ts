/** The thread of the lease keeper: one connection, one beat a second. See lease-keeper.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import type { KeeperCommand, KeeperEvent, LostReason } from './lease-keeper.js';

const BEAT_MS = 1_000;
/** The service's own heartbeat row is written every so many beats. */
const BEATS_PER_SERVICE_ROW = 5;

interface Held {
  fence: string;
  /** Monotonic milliseconds: keep no longer than this. */
  until: number;
  /** Monotonic milliseconds of the last renewal that the database confirmed. */
  renewedAt: number;
  progress: { done: number; total: number } | undefined;
}

const { url, serviceId, leaseMs } = workerData as { url: string; serviceId: string; leaseMs: number };
const port = parentPort;
if (!port) throw new Error('lease-keeper.worker.js runs as a worker thread only');
const tell = (event: KeeperEvent): void => port.postMessage(event);
const held = new Map<string, Held>();
/** Cancelled steps that know it already. */
const told = new Set<string>();
let client: pg.Client | undefined;
let stopping = false;
let wake: () => void = () => undefined;

port.on('message', (command: KeeperCommand) => {
  const step = 'id' in command ? held.get(command.id) : undefined;
  if (command.kind === 'hold') held.set(command.id, { fence: command.fence, until: performance.now() + command.forMs, renewedAt: performance.now(), progress: undefined });
  if (command.kind === 'progress' && step) step.progress = { done: command.done, total: command.total };
  if (command.kind === 'release') {
    held.delete(command.id);
    told.delete(command.id);
  }
  if (command.kind === 'stop') {
    stopping = true;
    wake();
  }
});

for (let beat = 0; !stopping; beat += 1) {
  try {
    client ??= await connect();
    if (beat % BEATS_PER_SERVICE_ROW === 0) await client.query('UPDATE engine.service SET beat_at = engine.clock() WHERE id = $1', [serviceId]);
    if (held.size > 0) await renew(client);
  } catch {
    // The database is away. Leases are kept as long as their last renewal reaches; the next beat connects anew.
    client?.end().catch(() => undefined);
    client = undefined;
  }
  if (beat === 0) tell({ kind: 'ready' });
  giveUpExpired();
  await new Promise<void>((resolve) => {
    wake = resolve;
    setTimeout(resolve, BEAT_MS);
  });
}
await client?.end().catch(() => undefined);
process.exit(0);

async function connect(): Promise<pg.Client> {
  const fresh = new pg.Client({ connectionString: url, application_name: 'carillon-lease-keeper', connectionTimeoutMillis: 5_000, statement_timeout: 5_000, query_timeout: 6_000, keepAlive: true });
  fresh.on('error', () => {
    if (client === fresh) client = undefined;
  });
  await fresh.connect();
  return fresh;
}

/** Renews what is due for renewal, writes progress, and finds out which steps are no longer ours or are to be cancelled. */
async function renew(connection: pg.Client): Promise<void> {
  const steps = [...held].map(([id, step]) => ({ id, ...step }));
  const started = performance.now();
  const touched = steps.filter((step) => step.progress !== undefined || started - step.renewedAt > leaseMs / 3);
  if (touched.length > 0) {
    const { rows } = await connection.query<{ id: string }>(
      `UPDATE engine.step s SET lease_until = engine.clock() + $1 * interval '1 millisecond',
         progress_done = coalesce(mine.done, progress_done), progress_total = coalesce(mine.total, progress_total)
       FROM (SELECT m.* FROM unnest($2::uuid[], $3::bigint[], $4::int[], $5::int[]) AS m (id, fence, done, total)
             JOIN engine.step locked ON locked.id = m.id AND locked.fence = m.fence AND locked.status = 'running' FOR UPDATE OF locked SKIP LOCKED) mine
       WHERE s.id = mine.id RETURNING s.id`,
      [leaseMs, touched.map((s) => s.id), touched.map((s) => s.fence), touched.map((s) => s.progress?.done ?? null), touched.map((s) => s.progress?.total ?? null)],
    );
    for (const { id } of rows) {
      const step = held.get(id);
      if (step) Object.assign(step, { renewedAt: started, progress: undefined });
    }
  }
  const { rows: gone } = await connection.query<{ id: string; reason: LostReason }>(
    `SELECT mine.id, CASE WHEN s.status = 'running' AND s.fence = mine.fence THEN 'cancelled' ELSE 'lost' END AS reason
     FROM unnest($1::uuid[], $2::bigint[]) AS mine (id, fence)
     LEFT JOIN engine.step s ON s.id = mine.id LEFT JOIN engine.run r ON r.id = s.run_id
     WHERE s.id IS NULL OR s.status <> 'running' OR s.fence <> mine.fence OR r.cancel_requested_at IS NOT NULL`,
    [steps.map((s) => s.id), steps.map((s) => s.fence)],
  );
  for (const { id, reason } of gone) giveUp(id, reason);
}

function giveUpExpired(): void {
  const now = performance.now();
  for (const [id, step] of held) if (now > step.until || now - step.renewedAt > leaseMs) giveUp(id, 'lost');
}

function giveUp(id: string, reason: LostReason): void {
  // A cancelled step is told once and stays ours until it has stopped; a lost one is not ours any more.
  if (reason === 'lost') held.delete(id);
  if (!told.has(id)) tell({ kind: 'stop-step', id, reason });
  told.add(id);
}

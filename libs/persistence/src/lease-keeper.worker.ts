/** The thread of the lease keeper: one connection, one beat a second while steps are held, and fewer while none are. See lease-keeper.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import type { HeldStep, KeeperCommand, KeeperEvent } from './lease-keeper.js';

const BEAT_MS = 1_000;
/** Who holds nothing has no lease to keep: it only shows that it lives, long before anyone would miss it. */
const MOST_REST_MS = 5_000;

const { url, serviceId, leaseMs } = workerData as { url: string; serviceId: string; leaseMs: number };
const port = parentPort;
if (!port) throw new Error('lease-keeper.worker.js runs as a worker thread only');
const tell = (event: KeeperEvent): void => port.postMessage(event);
const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

const progress = new Map<string, Extract<KeeperCommand, { kind: 'progress' }>>();
let client: pg.Client | undefined;
let confirmedAt = monotonicMs();
let stopping = false;
let wake: () => void = () => undefined;

port.on('message', (command: KeeperCommand) => {
  if (command.kind === 'progress') progress.set(command.stepId, command);
  else {
    stopping ||= command.kind === 'stop';
    wake();
  }
});

const restMs = Math.max(BEAT_MS, Math.min(MOST_REST_MS, leaseMs / 6));
for (let beat = 0; !stopping; beat += 1) {
  let holds = true;
  const askedAt = monotonicMs();
  try {
    client ??= await connect();
    const held = await heldAfterBeat(client);
    confirmedAt = askedAt;
    holds = held.length > 0;
    tell({ kind: 'beat', askedAt, held });
    if (progress.size > 0) await writeProgress(client);
  } catch {
    // The database is away. The lease reaches as far as the last beat that it confirmed; the next one connects anew.
    client?.end().catch(() => undefined);
    client = undefined;
    if (beat === 0 || monotonicMs() - confirmedAt > leaseMs) tell({ kind: 'silent' });
  }
  await new Promise<void>((resolve) => {
    wake = resolve;
    setTimeout(resolve, holds ? BEAT_MS : restMs);
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

/** One statement: we live, and this is what we hold. A row that somebody is settling counts as it was before. */
async function heldAfterBeat(connection: pg.Client): Promise<HeldStep[]> {
  const { rows } = await connection.query<HeldStep>({
    name: 'beat',
    text: `WITH beat AS (UPDATE engine.service SET beat_at = engine.clock() WHERE id = $1)
           SELECT run_id AS "runId", step_id AS "stepId", fence, cancel_requested_at IS NOT NULL AS "cancelRequested" FROM engine.active_run WHERE status = 'running' AND claimed_by = $1`,
    values: [serviceId],
  });
  return rows;
}

async function writeProgress(connection: pg.Client): Promise<void> {
  const steps = [...progress.values()];
  progress.clear();
  await connection.query(
    `UPDATE engine.active_run a SET progress_done = p.done, progress_total = p.total
     FROM (SELECT m.* FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::int[]) AS m (run_id, step_id, fence, done, total)
           JOIN engine.active_run locked ON locked.run_id = m.run_id AND locked.step_id = m.step_id AND locked.fence = m.fence FOR UPDATE OF locked SKIP LOCKED) p
     WHERE a.run_id = p.run_id`,
    [steps.map((s) => s.runId), steps.map((s) => s.stepId), steps.map((s) => s.fence), steps.map((s) => s.done), steps.map((s) => s.total)],
  );
}

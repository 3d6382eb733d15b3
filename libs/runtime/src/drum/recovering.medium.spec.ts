import { afterEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, manual, pipeline, step } from '@carillon/engine';
import type { Pipeline, StepContext } from '@carillon/engine';
import { createRun, inTransaction, managerOf, newId, relayBatch } from '@carillon/persistence';
import { eventually, signal } from '@carillon/testing';
import type { Signal } from '@carillon/testing';
import { tower } from '../../spec/tower.js';
import type { Ringer, Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

/** Every step writes one row; `during` may do harm while it runs. */
type During = (context: StepContext<never>) => Promise<void> | void;
const chime = (during: During = () => undefined, count = 3): Pipeline<never> =>
  pipeline<never>('chime', {
    does: 'writes one row a step',
    trigger: manual() as never,
    overlap: allowOverlap,
    steps: Array.from({ length: count }, (_none, n) =>
      step<never>(`s${n}`, {
        does: 'writes a row',
        retry: { baseMs: 10, capMs: 10 },
        run: async (context) => {
          await during(context);
          return done({ write: async (transaction) => void (await managerOf(transaction).query('INSERT INTO public.effect VALUES ($1, $2)', [context.run.id, context.step])) });
        },
      }),
    ),
  });
async function ring(during?: During, count?: number): Promise<Tower> {
  house = await tower(chime(during, count));
  await house.first.dataSource.query('CREATE TABLE public.effect (run_id uuid, step text)');
  return house;
}
const request = async (ringer: Ringer): Promise<string> => (await ringer.desk.request('chime', {})).runId;
/** Made by somebody who has no worker and says nothing to anyone. */
const quietly = (ringer: Ringer): Promise<{ id: string }> =>
  inTransaction(ringer.dataSource, (manager) => createRun(manager, { pipeline: 'chime', scope: '', trigger: 'manual', plan: chime().steps.map((one) => one.plan), overlap: allowOverlap }));
const effects = async (runId: string): Promise<string[]> => (await (house as Tower).query<{ step: string }>('SELECT step FROM public.effect WHERE run_id = $1 ORDER BY step', [runId])).map((row) => row.step);
const lines = (run: { steps: { name: string; attempt: number; status: string }[] }): string[] => run.steps.map((one) => `${one.name} ${one.attempt} ${one.status}`);
/** A step that waits, the first time, until it is let go. */
function gate(): { during: During; begun: Signal<string>; open: Signal<void> } {
  const begun = signal<string>('the step to begin');
  const open = signal('the gate to open');
  let first = true;
  const during: During = async ({ step: name }) => {
    if (!first) return;
    first = false;
    begun.resolve(name);
    await open.promise;
  };
  return { during, begun, open };
}

describe('a worker that falls silent', () => {
  // riverqueue/river#1258: 5,133 jobs at work for up to 91 days; graphile/worker#222 and #449: locked for four hours; agenda#410, PrefectHQ/prefect#22664.
  it('has its step taken over, and its late answer is refused', async () => {
    const { during, begun, open } = gate();
    const { first, finished } = await ring(during);
    const runId = await request(first);
    await begun.wait();
    await first.dataSource.query(`UPDATE engine.active_run SET deadline_at = engine.clock() - interval '1 second' WHERE status = 'running'`);
    await first.rescue.runOnce();
    const run = await finished(runId);
    open.resolve();
    expect(lines(run)).toEqual(['s0 1 lost', 's0 2 done', 's1 1 done', 's2 1 done']);
    // Stopping waits for the late one to have its say.
    await first.stop();
    expect(await effects(runId)).toEqual(['s0', 's1', 's2']);
  });

  it('at shutdown hands its step back, and another finishes the run', async () => {
    const begun = signal('the step to begin');
    let first = true;
    const tower = await ring(({ signal: stop }) => {
      if (!first) return;
      first = false;
      begun.resolve();
      return new Promise((_resolve, reject) => stop.addEventListener('abort', () => reject(stop.reason as Error)));
    });
    const runId = await request(tower.first);
    await begun.wait();
    const leaving = tower.first;
    await tower.ringer();
    await leaving.stop();
    const run = await tower.finished(runId);
    expect(lines(run)).toEqual(['s0 1 snoozed', 's0 2 done', 's1 1 done', 's2 1 done']);
    expect(await effects(runId)).toEqual(['s0', 's1', 's2']);
  });
});

/** The hot path of a data source, on which claims travel. */
interface Hot {
  once<Row>(statement: { name: string }, values: unknown[]): Promise<Row[]>;
}
/** Lets `meet` have the answer of the first claim that was given a step, before the worker has it. */
function meetClaim({ dataSource }: Ringer, meet: () => Promise<void>): void {
  const ledger = dataSource as unknown as Hot;
  const once = ledger.once.bind(ledger);
  let met = false;
  ledger.once = async <Row>(statement: { name: string }, values: unknown[]): Promise<Row[]> => {
    const rows = await once<Row>(statement, values);
    if (met || rows.length === 0 || !statement.name.startsWith('claim')) return rows;
    met = true;
    await meet();
    return rows;
  };
}
/** A run whose claim was met. One that a look takes which was under way before is left to end, and another is made. */
async function metRun(met: Signal<void>, { first, finished }: Tower): Promise<string> {
  for (;;) {
    const { id } = await quietly(first);
    const over = finished(id).then(() => true, () => false);
    if (!(await Promise.race([met.wait(60_000).then(() => false), over]))) return id;
  }
}
/** The heartbeat thread has looked this often at what we hold. */
async function beats(count: number): Promise<void> {
  const seen = new Set<string>();
  const look = async (): Promise<boolean> => {
    const [row] = await (house as Tower).query<{ at: string }>('SELECT max(beat_at)::text AS at FROM engine.service');
    return seen.add(row?.at ?? '').size > count;
  };
  await eventually(look, { within: 15_000, what: `${count} heartbeats` });
}
const heldNow = (): Promise<{ fence: string; status: string }[]> => (house as Tower).query('SELECT fence, status FROM engine.active_run');

describe("a claim's answer", () => {
  it('that is late keeps its step: nobody gives back what may still be heard of', async () => {
    const tower = await ring();
    const { first, finished } = tower;
    const asked = signal('a claim to be given a step');
    const answered = signal('the answer to arrive');
    meetClaim(first, () => (asked.resolve(), answered.promise));
    const id = await metRun(asked, tower);
    const before = await heldNow();
    await beats(4);
    expect(await heldNow()).toEqual(before);
    answered.resolve();
    expect(lines(await finished(id))).toEqual(['s0 1 done', 's1 1 done', 's2 1 done']);
    expect(await effects(id)).toEqual(['s0', 's1', 's2']);
  });

  it('that is lost gives its step back to whoever has room, long before a lease is over', async () => {
    const tower = await ring();
    const { first, finished } = tower;
    const lost = signal('a claim to be given a step');
    meetClaim(first, () => (lost.resolve(), Promise.reject(new Error('the line was cut'))));
    const id = await metRun(lost, tower);
    await eventually(async () => (await heldNow()).every(({ status }) => status !== 'running') || (await effects(id)).length > 0, { what: 'the step to be given back' });
    expect(lines(await finished(id))).toEqual(['s0 1 done', 's1 1 done', 's2 1 done']);
    expect(await effects(id)).toEqual(['s0', 's1', 's2']);
  });
});

describe('a bus that loses or repeats', () => {
  it('every message about a step costs only the sweep', async () => {
    const { first, finished, moveClock } = await ring();
    const { id } = await inTransaction(first.dataSource, async (manager) => {
      const made = await createRun(manager, { pipeline: 'chime', scope: '', trigger: 'manual', plan: chime().steps.map((one) => one.plan), overlap: allowOverlap });
      await manager.query('DELETE FROM engine.outbox');
      return made;
    });
    await first.rescue.runOnce();
    expect(await effects(id)).toEqual([]);
    await moveClock(6_000);
    await first.rescue.runOnce();
    expect((await finished(id)).status).toBe('succeeded');
    expect(await effects(id)).toEqual(['s0', 's1', 's2']);
  });

  it('a message twenty times over does nothing twice', async () => {
    const { first, finished } = await ring(async ({ run, step: name, attempt }) => {
      const [row] = await first.dataSource.query<{ id: string }[]>('SELECT step_id AS id FROM engine.active_run WHERE run_id = $1', [run.id]);
      const again = { stepId: row?.id, runId: run.id, pipeline: 'chime', step: name, attempt };
      await Promise.all(Array.from({ length: 20 }, () => first.bus.publish(`step.chime.${name}`, newId(), again)));
    });
    const runId = await request(first);
    expect(lines(await finished(runId))).toEqual(['s0 1 done', 's1 1 done', 's2 1 done']);
    expect(await effects(runId)).toEqual(['s0', 's1', 's2']);
  });

  it('a relay that dies after publishing leaves its promises, and repeating them is harmless', async () => {
    const { first, finished } = await ring();
    await first.relay.stop();
    // Made without a worker at hand, so its first step travels as a message.
    const { id: runId } = await quietly(first);
    const dies = relayBatch(first.dataSource, 100, async (messages) => {
      await Promise.all(messages.map((message) => first.bus.publish(message.subject, newId(), message.payload)));
      throw new Error('killed');
    });
    await expect(dies).rejects.toThrow('killed');
    expect((await first.dataSource.query(`SELECT FROM engine.outbox WHERE payload->>'runId' = $1 AND payload->>'attempt' = '1'`, [runId])).length).toBeGreaterThanOrEqual(1);
    await (house as Tower).ringer();
    expect((await finished(runId)).status).toBe('succeeded');
    expect(await effects(runId)).toEqual(['s0', 's1', 's2']);
  });

  it('all it ever stored, in mid-run, loses nothing', async () => {
    const { during, begun, open } = gate();
    const { first, finished, nats } = await ring(during);
    const runIds = [await request(first), await request(first), await request(first)];
    await begun.wait();
    await nats.wipe();
    open.resolve();
    for (const runId of runIds) {
      expect((await finished(runId)).status).toBe('succeeded');
      expect(await effects(runId)).toEqual(['s0', 's1', 's2']);
    }
  });

  it('that is killed and comes back goes on', async () => {
    const { during, begun, open } = gate();
    const { first, finished, nats } = await ring(during);
    const runId = await request(first);
    await begun.wait();
    await nats.kill();
    open.resolve();
    await eventually(async () => (await effects(runId)).length > 0, { what: 'the step to be settled without a bus' });
    await nats.start();
    expect((await finished(runId)).status).toBe('succeeded');
    expect(await effects(runId)).toEqual(['s0', 's1', 's2']);
  });

  it('that is away keeps no due step from a worker at rest for longer than a moment', async () => {
    const { first, finished, nats } = await ring();
    await nats.kill();
    await eventually(() => !first.bus.isConnected(), { what: 'the bus to be missed' });
    // The worker has looked once since the bus went, and found nothing: nobody tells it of this.
    const { id } = await quietly(first);
    expect((await finished(id)).status).toBe('succeeded');
    expect(await effects(id)).toEqual(['s0', 's1', 's2']);
  });

  it('that carries garbage keeps it as a dead letter and goes on', async () => {
    const { first, finished } = await ring();
    await first.bus.publish('step.chime.s0', newId(), 'this is no JSON');
    await first.bus.publish('step.chime.s0', newId(), { stepId: 'not an id', extra: true });
    const runId = await request(first);
    expect((await finished(runId)).status).toBe('succeeded');
    const letters = await eventually(async () => {
      const rows = await first.dataSource.query<{ reason: string; payload: Buffer }[]>('SELECT reason, payload FROM engine.dead_letter ORDER BY reason DESC');
      return rows.length === 2 && rows;
    });
    expect(letters.map((row) => [row.reason, row.payload.toString()])).toEqual([['undecodable', 'this is no JSON'], ['invalid', '{"stepId":"not an id","extra":true}']]);
  });
});

describe('a database that cuts every connection', () => {
  it('in each step and between them delays the run and doubles nothing', async () => {
    const cut = (): Promise<unknown> =>
      first.dataSource.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()').catch(() => undefined);
    const { first, finished } = await ring(async () => void (await cut()), 4);
    const runId = await request(first);
    const run = await finished(runId);
    expect(run.status).toBe('succeeded');
    expect(lines(run)).toEqual(['s0 1 done', 's1 1 done', 's2 1 done', 's3 1 done']);
    expect(await effects(runId)).toEqual(['s0', 's1', 's2', 's3']);
  });
});

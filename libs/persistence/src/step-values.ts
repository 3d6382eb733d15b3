/** Large values that a step hands on by reference. Kept beside the run, replaced when the step is tried again, pruned with the run. */
import { isReference, MAX_VALUE_BYTES, PermanentError } from '@carillon/engine';
import type { JsonValue, ValueReference } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { holdFence } from './fence.js';
import { inTransaction } from './transaction.js';

/**
 * Keeps a value under the step's name and its own.
 * @throws PermanentError when it is too large or has no proper name; StaleLease when the step has another worker
 */
export async function keepValue<Value extends JsonValue | Uint8Array>(dataSource: DataSource, claim: ClaimedStep, name: string, value: Value): Promise<ValueReference<Value>> {
  if (!/^[\w.:-]{1,200}$/.test(name)) throw new PermanentError(`step "${claim.name}" can not keep a value called "${name}": use letters, digits and "_.:-", at most 200`);
  const kind = value instanceof Uint8Array ? 'bytes' : 'json';
  const content = value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(JSON.stringify(value));
  if (content.byteLength > MAX_VALUE_BYTES) throw new PermanentError(`the value "${name}" of step "${claim.name}" is ${content.byteLength} bytes; at most ${MAX_VALUE_BYTES} are kept. Split it, or keep it in a table of the pipeline`);
  await inTransaction(dataSource, async (manager) => {
    await upsert(manager, claim, name, kind, content);
    await holdFence(manager, claim);
  });
  return { $ref: `${claim.name}/${name}`, bytes: content.byteLength };
}

/** Reads what a step of the run kept: JSON as it was, bytes as a Uint8Array. @throws PermanentError when there is no such value */
export async function readValue(dataSource: DataSource, runId: string, reference: unknown): Promise<JsonValue | Uint8Array> {
  if (!isReference(reference)) throw new PermanentError(`${JSON.stringify(reference)?.slice(0, 100)} is not a reference: hand on what context.keep(name, value) answered, such as {"$ref":"fetch/pages","bytes":2097152}`);
  const [, step, name] = /^([^/]+)\/(.+)$/.exec(reference.$ref) ?? [];
  const [row] = await dataSource.manager.query<{ kind: 'json' | 'bytes'; content: Buffer }[]>('SELECT kind, content FROM engine.step_value WHERE run_id = $1 AND step = $2 AND name = $3', [runId, step, name]);
  if (!row) throw noValue(runId, reference.$ref);
  return row.kind === 'json' ? (JSON.parse(row.content.toString()) as JsonValue) : new Uint8Array(row.content);
}

/** A part of a value, for who can not take all of it at once. @throws PermanentError when there is no such value */
export async function readPart(dataSource: DataSource, runId: string, $ref: string, offset: number, most: number): Promise<{ kind: 'json' | 'bytes'; bytes: number; part: Buffer }> {
  const [, step, name] = /^([^/]+)\/(.+)$/.exec($ref) ?? [];
  const [row] = await dataSource.manager.query<{ kind: 'json' | 'bytes'; bytes: number; part: Buffer }[]>(
    'SELECT kind, octet_length(content) AS bytes, substr(content, $4::int + 1, $5::int) AS part FROM engine.step_value WHERE run_id = $1 AND step = $2 AND name = $3',
    [runId, step, name, offset, most],
  );
  if (!row) throw noValue(runId, $ref);
  return row;
}

/** Adds a part to a value; the first one replaces what was kept under that name. @throws PermanentError when it does not begin where the value ends, or would be too large; StaleLease */
export async function keepPart(dataSource: DataSource, claim: ClaimedStep, value: { name: string; kind: 'json' | 'bytes'; offset: number; part: Buffer }): Promise<ValueReference> {
  const { name, kind, offset, part } = value;
  const bytes = offset + part.byteLength;
  if (bytes > MAX_VALUE_BYTES) throw new PermanentError(`the value "${name}" of step "${claim.name}" would be ${bytes} bytes; at most ${MAX_VALUE_BYTES} are kept`);
  await inTransaction(dataSource, async (manager) => {
    const added = offset === 0 ? await upsert(manager, claim, name, kind, part) : await append(manager, claim, name, offset, part);
    if (!added) throw new PermanentError(`the value "${name}" of step "${claim.name}" does not end at byte ${offset}: send its parts in order, beginning with offset 0`);
    await holdFence(manager, claim);
  });
  return { $ref: `${claim.name}/${name}`, bytes };
}

async function upsert(manager: EntityManager, claim: ClaimedStep, name: string, kind: 'json' | 'bytes', content: Buffer): Promise<true> {
  await manager.query(
    `INSERT INTO engine.step_value (run_id, step, name, kind, content) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (run_id, step, name) DO UPDATE SET kind = excluded.kind, content = excluded.content, recorded_at = engine.clock()`,
    [claim.run.id, claim.name, name, kind, content],
  );
  return true;
}

async function append(manager: EntityManager, claim: ClaimedStep, name: string, offset: number, part: Buffer): Promise<boolean> {
  const [, changed] = await manager.query<[unknown, number]>(
    'UPDATE engine.step_value SET content = content || $5, recorded_at = engine.clock() WHERE run_id = $1 AND step = $2 AND name = $3 AND octet_length(content) = $4::int',
    [claim.run.id, claim.name, name, offset, part],
  );
  return changed === 1;
}

const noValue = (runId: string, $ref: string): PermanentError => new PermanentError(`run ${runId} keeps no value "${$ref}": a reference counts within its own run and within one that resumes it`);

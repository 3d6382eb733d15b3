/** Large values that a step hands on by reference. Kept beside the run, replaced when the step is tried again, pruned with the run. */
import { isReference, MAX_VALUE_BYTES, PermanentError } from '@carillon/engine';
import type { JsonValue, ValueReference } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { holdFence } from './fence.js';
import { inTransaction } from './transaction.js';

/**
 * Keeps a value under the step's name and its own.
 * @throws PermanentError when it is too large or has no proper name; StaleLease when the step has another worker
 */
export async function keepValue<Value extends JsonValue | Uint8Array>(dataSource: DataSource, claim: ClaimedStep, name: string, value: Value): Promise<ValueReference<Value>> {
  if (!/^[\w.:-]{1,200}$/.test(name)) throw new PermanentError(`step "${claim.name}" can not keep a value called "${name}": use letters, digits and "_.:-", at most 200`);
  const [kind, content] = value instanceof Uint8Array ? ['bytes', Buffer.from(value.buffer, value.byteOffset, value.byteLength)] : ['json', Buffer.from(JSON.stringify(value))];
  if (content.byteLength > MAX_VALUE_BYTES) throw new PermanentError(`the value "${name}" of step "${claim.name}" is ${content.byteLength} bytes; at most ${MAX_VALUE_BYTES} are kept. Split it, or keep it in a table of the pipeline`);
  await inTransaction(dataSource, async (manager) => {
    await manager.query(
      `INSERT INTO engine.step_value (run_id, step, name, kind, content) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (run_id, step, name) DO UPDATE SET kind = excluded.kind, content = excluded.content, recorded_at = engine.clock()`,
      [claim.run.id, claim.name, name, kind, content],
    );
    await holdFence(manager, claim);
  });
  return { $ref: `${claim.name}/${name}`, bytes: content.byteLength };
}

/** Reads what a step of the run kept: JSON as it was, bytes as a Uint8Array. @throws PermanentError when there is no such value */
export async function readValue(dataSource: DataSource, runId: string, reference: unknown): Promise<JsonValue | Uint8Array> {
  if (!isReference(reference)) throw new PermanentError(`${JSON.stringify(reference)?.slice(0, 100)} is not a reference: hand on what context.keep(name, value) answered, such as {"$ref":"fetch/pages","bytes":2097152}`);
  const [, step, name] = /^([^/]+)\/(.+)$/.exec(reference.$ref) ?? [];
  const [row] = await dataSource.manager.query<{ kind: 'json' | 'bytes'; content: Buffer }[]>('SELECT kind, content FROM engine.step_value WHERE run_id = $1 AND step = $2 AND name = $3', [runId, step, name]);
  if (!row) throw new PermanentError(`run ${runId} keeps no value "${reference.$ref}": a reference counts within its own run and within one that resumes it`);
  return row.kind === 'json' ? (JSON.parse(row.content.toString()) as JsonValue) : new Uint8Array(row.content);
}

/** A ledger for one spec: a real database of its own, a pipeline to run in it, and the steps of a worker's life as one-liners. */
import { done, manual, pipeline, step } from '@carillon/engine';
import type { OverlapPolicy, Pipeline, StepOptions, StepOutcome, TriggerDefinition } from '@carillon/engine';
import { moveDatabaseClock, testDatabase } from '@carillon/testing';
import type { DataSource, EntityManager } from 'typeorm';
import { claimStep, createDataSource, createRun, inTransaction, newId, settleStep } from '../src/index.js';
import type { ClaimedStep, CreatedRun, HostedPipeline, NewRun } from '../src/index.js';

export interface Ledger {
  url: string;
  dataSource: DataSource;
  /** Another process, as far as the database can tell. */
  another(poolSize?: number): Promise<DataSource>;
  moveClock(milliseconds: number): Promise<void>;
  query<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  run(options?: Partial<NewRun>): Promise<CreatedRun>;
  /** Claims the due step of a run. */
  claim(runId: string, leaseMs?: number): Promise<ClaimedStep>;
  settle(claim: ClaimedStep, outcome: StepOutcome): Promise<unknown>;
  close(): Promise<void>;
}

export async function ledger(): Promise<Ledger> {
  const database = await testDatabase();
  const opened: DataSource[] = [];
  const another = async (poolSize = 4): Promise<DataSource> => {
    const made = await createDataSource({ url: database.url, service: 'spec', poolSize });
    opened.push(made);
    return made;
  };
  const dataSource = await another(12);
  const worker = newId();
  return {
    url: database.url,
    dataSource,
    another,
    moveClock: (milliseconds) => moveDatabaseClock(database.url, milliseconds),
    query: (sql, values) => dataSource.query(sql, values),
    run: (options = {}) => inTransaction(dataSource, (manager: EntityManager) => createRun(manager, { ...newRun(), ...options })),
    claim: async (runId, leaseMs = 30_000) => {
      const [due] = await dataSource.query<{ id: string }[]>(`SELECT step_id AS id FROM engine.active_run WHERE run_id = $1 AND status IN ('due', 'waiting')`, [runId]);
      const claim = due && (await claimStep(dataSource, due.id, worker, leaseMs));
      if (!claim) throw new Error(`run ${runId} has no step that can be claimed`);
      return claim;
    },
    settle: (claim, outcome) => settleStep(dataSource, claim, outcome, 0),
    close: async () => {
      await Promise.all(opened.map((one) => one.destroy()));
      await database.drop();
    },
  };
}

/** A pipeline of empty steps. */
export function bell(name: string, options: { trigger?: TriggerDefinition<never>; overlap?: OverlapPolicy; steps?: string[]; step?: Partial<StepOptions<never>> } = {}): Pipeline<never> {
  const steps = (options.steps ?? ['only']).map((one) => step<never>(one, { does: one, run: async () => done(), ...options.step }));
  return pipeline<never>(name, { does: 'rings', trigger: options.trigger ?? (manual() as TriggerDefinition<never>), steps, ...(options.overlap && { overlap: options.overlap }) });
}

export const hosting = (...pipelines: Pipeline<never>[]): Map<string, HostedPipeline> => new Map(pipelines.map((one) => [one.name, { pipeline: one, services: undefined as never }]));

function newRun(): NewRun {
  const { name, steps, overlap } = bell('bell', { steps: ['one', 'two'] });
  return { pipeline: name, scope: '', trigger: 'manual', reason: 'asked for', plan: steps.map((one) => one.plan), overlap };
}

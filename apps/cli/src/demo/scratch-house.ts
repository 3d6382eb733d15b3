/**
 * A house for one story: a database of its own on the server that the command line knows, with a clock that the story moves, so that two days of voting take no time. Runs
 * go step by step through the engine's own ledger, in this process; nobody else knows of them.
 */
import { createDeliberationServices, deliberationEntities, deliberationMigrations, deliberationPipeline, DeliberationSettings } from '@carillon/deliberation';
import type { DeliberationServices } from '@carillon/deliberation';
import { fail } from '@carillon/engine';
import type { AttemptContext } from '@carillon/engine';
import { LocalEmbedder } from '@carillon/language';
import { claimStep, createDataSource, createRun, inTransaction, listRuns, migrate, newId, outputsOf, settleStep } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';

type Database = Awaited<ReturnType<typeof createDataSource>>;

export interface ScratchHouse {
  readonly dataSource: Database;
  /** The services with other settings, as after a restart. */
  services(settings: Partial<DeliberationSettings>): DeliberationServices;
  /** One run of the pipeline, to its end. */
  run(settings: Partial<DeliberationSettings>): Promise<RunHistory>;
  advance(hours: number): Promise<void>;
  /** Drops the database. */
  close(): Promise<void>;
}

/** Long enough for any step: there is nobody who would take over. */
const LEASE_MS = 3_600_000;
const POOL = 8;

/** @param serverUrl a database whose user may create others */
export async function scratchHouse(serverUrl: string): Promise<ScratchHouse> {
  const name = `carillon_demo_${newId().replaceAll('-', '')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const dataSource = await createDataSource({ url: url.href, service: 'demo', poolSize: POOL, entities: [...deliberationEntities], migrations: [...deliberationMigrations] });
  await migrate(dataSource);
  const embedder = new LocalEmbedder();
  const made = new Map<string, DeliberationServices>();
  const services = (given: Partial<DeliberationSettings>): DeliberationServices => {
    const key = JSON.stringify(given);
    const known = made.get(key) ?? createDeliberationServices({ dataSource, embedder, settings: Object.assign(new DeliberationSettings(), given) });
    made.set(key, known);
    return known;
  };
  let hours = 0;
  return {
    dataSource,
    services,
    run: (settings) => run(dataSource, services(settings)),
    advance: async (more) => {
      hours += more;
      await dataSource.query(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT statement_timestamp() + interval '${hours} hours' $$`);
    },
    close: async () => {
      await embedder.close();
      await dataSource.destroy();
      await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const server = await createDataSource({ url, service: 'demo', poolSize: 1 });
  try {
    await server.query(sql);
  } catch (error) {
    throw new Error(`${sql.split(' ').slice(0, 2).join(' ').toLowerCase()} failed: ${(error as Error).message}. The story wants a database of its own: name a user in DATABASE_URL that may create one`, { cause: error });
  } finally {
    await server.destroy();
  }
}

async function run(dataSource: Database, services: DeliberationServices): Promise<RunHistory> {
  const { name, steps, overlap } = deliberationPipeline(services.settings);
  const { id } = await inTransaction(dataSource, (manager) => createRun(manager, { pipeline: name, scope: '', trigger: 'manual', plan: steps.map(({ plan }) => plan), overlap }));
  for (;;) {
    const [due] = await dataSource.query<{ id: string }[]>(`SELECT step_id AS id FROM engine.active_run WHERE run_id = $1 AND status IN ('due', 'waiting')`, [id]);
    if (due === undefined) break;
    const claim = await claimStep(dataSource, due.id, id, LEASE_MS);
    const step = steps.find(({ plan }) => plan.name === claim?.name);
    if (!claim || !step) throw new Error(`a step of run ${id} could not be claimed: is somebody else at work in this database?`);
    const context: AttemptContext<DeliberationServices> = {
      ...{ run: claim.run, step: step.plan.name, attempt: claim.attempt, now: claim.claimedAt, services, outputs: outputsOf(claim.past), signal: new AbortController().signal },
      ...{ progress: () => undefined, log: services.log, keep: unused, read: unused, fanOut: unused },
    };
    await settleStep(dataSource, claim, await step.run(context).catch(fail), 0.5);
  }
  const [ended] = await listRuns(dataSource, { id });
  if (!ended) throw new Error(`run ${id} left no trace`);
  return ended;
}

/** No step of deliberation fans out or keeps large values. */
const unused = (): Promise<never> => Promise.reject(new Error('this story has no tools for that'));

/**
 * The batch on a real database, driven by the engine's own ledger: what a spec sees is what the scheduler would do, without the bus. Concerns are synthetic:
 * those of one topic have vectors that point the same way.
 */
import type { AttemptContext, Pipeline, Step, StepOutcome } from '@carillon/engine';
import { fail } from '@carillon/engine';
import { encodeVector } from '@carillon/language';
import type { Embedder, LanguageRouter } from '@carillon/language';
import { claimStep, createDataSource, createRun, inTransaction, listRuns, migrate, newId, outputsOf, settleStep, takeOverLostSteps } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import { deliberationEntities, deliberationMigrations } from './entities.js';
import { deliberationPipeline } from './pipeline.js';
import type { DeliberationServices } from './services.js';
import { createDeliberationServices } from './services.js';
import { DeliberationSettings } from './settings.js';

export const MODEL = 'spec-24';
const DIMENSIONS = 24;
const WORKER = newId();
/** How synthetic concerns are grouped: a topic is one group, whatever is best for what people say. Leaves would part those that were moved to a topic from those that began it. */
const WHOLE_TOPICS: Partial<DeliberationSettings> = { clusterSelection: 'eom', clusterDimensions: 15 };

export interface Concern {
  topic: number;
  /** The author's account; one per concern unless told. */
  author?: string;
  title?: string;
  status?: 'canonicalized' | 'pending';
  /** Absent: without a vector. */
  model?: string | null;
  stance?: string;
  /** How far the concerns of a topic lie apart; 0.05 unless told. */
  spread?: number;
}

export interface BatchUnderTest {
  dataSource: DataSource;
  services: DeliberationServices;
  settings: DeliberationSettings;
  pipeline: Pipeline<DeliberationServices>;
  /** Stores canonicalized concerns; answers the candidates' ids. */
  submit(concerns: readonly Concern[]): Promise<string[]>;
  account(ref: string, change?: { linkedHoursAgo?: number; contributions?: number }): Promise<string>;
  /** Runs the whole pipeline, as the scheduler would. */
  run(options?: RunOptions): Promise<RunHistory>;
  /** Moves the database's clock. */
  advance(milliseconds: number): Promise<void>;
  query<T>(sql: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export interface RunOptions {
  /** The worker dies after the step has worked and before it could settle, once in each of these steps. */
  dieIn?: readonly string[];
  /** Replaces what a step does. */
  instead?: Readonly<Record<string, (context: AttemptContext<DeliberationServices>) => Promise<StepOutcome>>>;
}

export async function batchUnderTest(given: { url: string; settings?: Partial<DeliberationSettings>; router?: LanguageRouter; embedder?: Embedder }): Promise<BatchUnderTest> {
  const dataSource = await createDataSource({ url: given.url, service: 'spec', entities: deliberationEntities, migrations: deliberationMigrations, poolSize: 4 });
  await migrate(dataSource);
  const settings = Object.assign(new DeliberationSettings(), given.embedder === undefined && WHOLE_TOPICS, given.settings);
  const services = createDeliberationServices({ dataSource, settings, embedder: given.embedder ?? noEmbedder, ...(given.router && { router: given.router }) });
  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> => dataSource.manager.query<T[]>(sql, values);
  const definition = deliberationPipeline(settings);
  let moved = 0;
  return {
    ...{ dataSource, services, settings, pipeline: definition, query },
    submit: (concerns) => submit(dataSource, concerns),
    account: (ref, change) => account(dataSource, ref, change),
    run: (options) => run(dataSource, services, definition, options),
    advance: async (milliseconds) => {
      moved += milliseconds;
      await query(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT statement_timestamp() + interval '${moved} milliseconds' $$`);
    },
    close: async () => {
      await services.close();
      await dataSource.destroy();
    },
  };
}

/** Everything here has its vector, so that a text to embed is a mistake. */
const noEmbedder: Embedder = {
  models: [MODEL, 'other-24'],
  embed: async (texts) => (texts.length === 0 ? [] : Promise.reject(new Error('this spec embeds nothing'))),
  close: async () => undefined,
};

async function run(dataSource: DataSource, services: DeliberationServices, { name, steps, overlap }: Pipeline<DeliberationServices>, options: RunOptions = {}): Promise<RunHistory> {
  const plan = steps.map((step) => step.plan);
  const { id: runId } = await inTransaction(dataSource, (manager) => createRun(manager, { pipeline: name, scope: '', trigger: 'manual', plan, overlap }));
  const toDie = new Set(options.dieIn);
  for (;;) {
    await dataSource.manager.query(`UPDATE engine.active_run SET due_at = engine.clock() WHERE run_id = $1 AND status = 'waiting'`, [runId]);
    const [due] = await dataSource.manager.query<{ id: string; name: string }[]>(`SELECT step_id AS id, step AS name FROM engine.active_run WHERE run_id = $1 AND status IN ('due', 'waiting')`, [runId]);
    const [ended] = await listRuns(dataSource, { id: runId });
    if (!due) return ended as RunHistory;
    await attempt(dataSource, services, steps, due, { dies: toDie.delete(due.name), instead: options.instead?.[due.name] });
  }
}

async function attempt(
  dataSource: DataSource,
  services: DeliberationServices,
  steps: readonly Step<DeliberationServices>[],
  due: { id: string; name: string },
  { dies, instead }: { dies: boolean; instead: ((context: AttemptContext<DeliberationServices>) => Promise<StepOutcome>) | undefined },
): Promise<void> {
  const claim = await claimStep(dataSource, due.id, WORKER, dies ? -1 : 60_000);
  const step = steps.find(({ plan }) => plan.name === due.name);
  if (!claim || !step) throw new Error(`step ${due.name} could not be claimed`);
  const { run: claimedRun, attempt: number, claimedAt, past } = claim;
  const context: AttemptContext<DeliberationServices> = {
    ...{ run: claimedRun, step: due.name, attempt: number, now: claimedAt, services, outputs: outputsOf(past), signal: new AbortController().signal },
    ...{ progress: () => undefined, log: services.log, ...noTools },
  };
  const outcome = await (instead ?? step.run)(context).catch(fail);
  if (dies) await takeOverLostSteps(dataSource, 10);
  else await settleStep(dataSource, claim, outcome, 0.5);
}

/** No step of deliberation fans out or keeps large values. */
const unused = (): Promise<never> => Promise.reject(new Error('this context has no tools'));
const noTools = { keep: unused, read: unused, fanOut: unused };

async function account(dataSource: DataSource, ref: string, { linkedHoursAgo = 1_000, contributions = 1 } = {}): Promise<string> {
  const [row] = await dataSource.manager.query<{ id: string }[]>(
    `INSERT INTO deliberation.account (id, ref, locale, email_verified, messaging_verified, linked_at, contribution_count)
     VALUES ($1, $2, 'en', true, true, engine.clock() - $3 * interval '1 hour', $4) ON CONFLICT (ref) DO UPDATE SET ref = excluded.ref RETURNING id`,
    [newId(), ref, linkedHoursAgo, contributions],
  );
  return row?.id ?? '';
}

async function submit(dataSource: DataSource, concerns: readonly Concern[]): Promise<string[]> {
  const ids: string[] = [];
  const [already] = await dataSource.manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM deliberation.submission');
  for (const [index, { topic, author, title, status = 'canonicalized', model = MODEL, stance = 'support', spread = 0.05 }] of concerns.entries()) {
    const number = (already?.count ?? 0) + index + 1;
    const accountId = await account(dataSource, author ?? `author-${number}`);
    const [submission, candidate] = [newId(), newId()];
    const text = title ?? `${TOPICS[topic]} concern number ${number}`;
    await dataSource.manager.query(
      `INSERT INTO deliberation.submission (id, account_id, raw_text, text_hash, language, status, submitted_at) VALUES ($1, $2, $3, repeat('0', 64), 'en', $4, engine.clock())`,
      [submission, accountId, text, status],
    );
    const vector = model === null ? null : encodeVector(vectorOf(topic, number, spread));
    await dataSource.manager.query(
      `INSERT INTO deliberation.candidate (id, submission_id, position, title, summary, stance, language, confidence, provider, model_version, prompt_version, embedding, embedding_model, embedding_dimensions)
       VALUES ($1, $2, 0, $3::varchar, $3::text, $4, 'en', 1, 'spec', 'spec', 'spec', $5, $6, $7)`,
      [candidate, submission, text, stance, vector, model, model === null ? null : DIMENSIONS],
    );
    ids.push(candidate);
  }
  return ids;
}

export const TOPICS = ['Parking downtown', 'School lunches', 'River pollution', 'Bus schedules', 'Library hours', 'Street lighting', 'Housing rents', 'Noise at night'];

/** The topic's axis with a little of every other one, different for each number and always the same. */
function vectorOf(topic: number, number: number, spread: number): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, axis) => spread * Math.sin(12.9898 * number + 78.233 * axis) + (axis === topic ? 1 : 0));
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export const concerns = (topic: number, count: number, change: Partial<Concern> = {}): Concern[] => Array.from({ length: count }, () => ({ topic, ...change }));

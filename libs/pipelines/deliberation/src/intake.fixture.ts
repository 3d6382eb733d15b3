/** Intake on a real database with a clock that specs move, and with vectors that need no model. */
import { HashedNgramEmbedder } from '@carillon/language';
import type { Embedder } from '@carillon/language';
import type { AttemptContext, Step, StepOutcome } from '@carillon/engine';
import { asTransaction, createDataSource, databaseNow, inTransaction, migrate, newId } from '@carillon/persistence';
import type { SubmissionReply } from '@carillon/shared';
import type { DataSource } from 'typeorm';
import { deliberationEntities, deliberationMigrations } from './entities.js';
import type { Caller } from './intake/caller.js';
import { Intake } from './intake/intake.js';
import type { DeliberationServices } from './services.js';
import { createDeliberationServices } from './services.js';
import { DeliberationSettings } from './settings.js';
import { Accounts } from './store/accounts.js';

export const CONCERN = 'The city should build more protected bike lanes downtown because cycling there is dangerous.';
export const SENDER: Caller = { name: 'spec', rights: ['submit'] };
export const OPERATOR: Caller = { name: 'operator', rights: ['submit', 'import'] };
const DAY = 86_400_000;

/** A model server that nobody runs: every reading fails at once. */
export const MODEL_DOWN: Partial<DeliberationSettings> = { llmBaseUrl: 'http://127.0.0.1:1/v1', canonicalizationModel: 'absent', llmMaxRetries: 1 };

export interface IntakeUnderTest {
  dataSource: DataSource;
  services: DeliberationServices;
  intake: Intake;
  accounts: Accounts;
  logged: string[];
  /** An account that may submit. */
  person(ref: string): Promise<string>;
  submit(author: string, text?: string, more?: object): Promise<SubmissionReply>;
  /** The same database with other settings, as after a restart. */
  restarted(settings: Partial<DeliberationSettings>): IntakeUnderTest;
  runStep(step: Step<DeliberationServices>): Promise<StepOutcome>;
  advance(milliseconds: number): Promise<void>;
  query<T = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

/** @param database empty of submissions; dropped with `close()` */
export async function intakeUnderTest(database: { url: string; drop(): Promise<void> }, settings: Partial<DeliberationSettings> = {}): Promise<IntakeUnderTest> {
  const dataSource = await createDataSource({ url: database.url, service: 'spec', entities: deliberationEntities, migrations: deliberationMigrations, poolSize: 6 });
  await migrate(dataSource);
  const close = async (): Promise<void> => {
    await dataSource.destroy();
    await database.drop();
  };
  return bench(dataSource, settings, { movedMs: 0 }, close);
}

function bench(dataSource: DataSource, given: Partial<DeliberationSettings>, clock: { movedMs: number }, close: () => Promise<void>): IntakeUnderTest {
  const logged: string[] = [];
  const note = (facts: object, message: string): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const embedder: Embedder = new HashedNgramEmbedder();
  const services = createDeliberationServices({ dataSource, settings: Object.assign(new DeliberationSettings(), given), embedder, log: { info: note, warn: note } });
  const intake = new Intake(services, () => 0);
  const accounts = new Accounts(dataSource);
  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> => dataSource.manager.query<T[]>(sql, values);
  return {
    ...{ dataSource, services, intake, accounts, logged, query, close },
    person: async (ref) => {
      const now = await databaseNow(dataSource.manager);
      const { id } = await accounts.register({ ref, emailVerified: true, messagingVerified: true, linkedAt: new Date(now.getTime() - 10 * DAY) });
      return id;
    },
    submit: (author, text = CONCERN, more = {}) => intake.submit(SENDER, { author, text, ...more }),
    restarted: (settings) => bench(dataSource, settings, clock, close),
    runStep: (step) => runStep(services, step),
    advance: async (milliseconds) => {
      clock.movedMs += milliseconds;
      await query(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT statement_timestamp() + interval '${clock.movedMs} milliseconds' $$`);
    },
  };
}

/** No step of deliberation fans out or keeps large values. */
const unused = (): Promise<never> => Promise.reject(new Error('this context has no tools'));

/** As the engine does: the work first, then its last write in one transaction. */
async function runStep(services: DeliberationServices, step: Step<DeliberationServices>): Promise<StepOutcome> {
  const context: AttemptContext<DeliberationServices> = {
    ...{ run: { id: newId(), pipeline: 'deliberation', scope: '', trigger: 'manual', params: {} }, step: step.plan.name, attempt: 1 },
    ...{ now: await databaseNow(services.dataSource.manager), services, outputs: {}, signal: new AbortController().signal, progress: () => undefined, log: services.log },
    ...{ keep: unused, read: unused, fanOut: unused },
  };
  const outcome = await step.run(context);
  if (outcome.kind === 'done' && outcome.write) await inTransaction(services.dataSource, (manager) => outcome.write?.(asTransaction(manager)) ?? Promise.resolve());
  return outcome;
}

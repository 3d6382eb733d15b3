/** A house to be watched: a real database, rows put there as the ledger would, and what operators were told of it. */
import { createDataSource, newId } from '@carillon/persistence';
import { moveDatabaseClock, testDatabase } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { AlertSettings, EngineWatch, HouseWatch } from '../src/index.js';

export interface WatchedHouse {
  dataSource: DataSource;
  watch: HouseWatch;
  another(settings?: Partial<AlertSettings>): HouseWatch;
  engineWatch(own?: { serviceId: string; overdueMs: number }): EngineWatch;
  schedule(pipeline: string, scope?: string): Promise<string>;
  fails(scheduleId: string, times: number): Promise<void>;
  /** Records what became of an owed instant, so many seconds after it was due. */
  occurred(scheduleId: string, outcome: string, lateSeconds: number, reason?: string): Promise<void>;
  /** Notices in order, as `type pipeline`, with what fills them. */
  told(): Promise<{ type: string; recipient: string; content: Record<string, unknown> }[]>;
  moveClock(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

const log = pino({ level: 'silent' });

export async function watchedHouse(): Promise<WatchedHouse> {
  const database = await testDatabase();
  const dataSource = await createDataSource({ url: database.url, service: 'spec', poolSize: 6 });
  const another = (settings: Partial<AlertSettings> = {}): HouseWatch => new HouseWatch(dataSource, Object.assign(new AlertSettings(), settings), log, () => undefined);
  const schedule = async (pipeline: string, scope = ''): Promise<string> => {
    const id = newId();
    await dataSource.query(
      `INSERT INTO engine.schedule (id, name, pipeline, scope, trigger, misfire, overlap, anchor_at, evaluated_through) VALUES ($1, $4, $2, $3, '{"kind":"every","everyMs":60000}', '{"kind":"fireOnce"}', '{"kind":"skip"}', engine.clock(), engine.clock())`,
      [id, pipeline, scope, scope === '' ? pipeline : `${pipeline}/${scope}`],
    );
    return id;
  };
  let instants = 0;
  return {
    dataSource,
    watch: another(),
    another,
    engineWatch: (own) =>
      new EngineWatch({ dataSource, settings: new AlertSettings(), log, filed: () => undefined, ...(own && { own: { serviceId: own.serviceId, drum: { name: 'drum', overdueMs: () => own.overdueMs, failingMs: () => 0 } } }) }),
    schedule,
    fails: async (id, times) => void (await dataSource.query('UPDATE engine.schedule SET failures_in_row = $2 WHERE id = $1', [id, times])),
    occurred: async (id, outcome, lateSeconds, reason) => {
      instants += 1;
      await dataSource.query(
        `INSERT INTO engine.occurrence (schedule_id, scheduled_for, outcome, reason, decided_at) VALUES ($1, engine.clock() - $3 * interval '1 second' + $5 * interval '1 millisecond', $2, $4, engine.clock() + $5 * interval '1 millisecond')`,
        [id, outcome, lateSeconds, reason ?? null, instants],
      );
    },
    told: () => dataSource.query('SELECT message_type AS type, recipient, content FROM notices.notice ORDER BY created_at, id'),
    moveClock: (milliseconds) => moveDatabaseClock(database.url, milliseconds),
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

/** Rings like one scheduler, in a spec: everything that is due now, and what came of it in words. */
import type { Pipeline } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { lookAtNext, ringChains, ringTimes, syncSchedules } from '../src/index.js';
import type { Rung } from '../src/index.js';
import { hosting } from './ledger.js';
import type { Ledger } from './ledger.js';

export interface Ringing {
  sync(...pipelines: Pipeline<never>[]): Promise<void>;
  ringAll(pipelines: readonly Pipeline<never>[], dataSource?: DataSource): Promise<Rung[]>;
  /** Every occurrence of a schedule, oldest first: "08:00 ran". The hour is the database's, in UTC. */
  told(schedule: string): Promise<string[]>;
  occurrences(): Promise<{ outcome: string; count: number }[]>;
}

export function ringing(house: () => Ledger): Ringing {
  return {
    sync: (...pipelines) => syncSchedules(house().dataSource, [...hosting(...pipelines).values()]),
    ringAll: async (pipelines, dataSource = house().dataSource) => {
      const hosted = hosting(...pipelines);
      const rungs: Rung[] = [];
      for (let batch = await ringTimes(dataSource, hosted); batch.length > 0; batch = await ringTimes(dataSource, hosted)) rungs.push(...batch);
      rungs.push(...(await ringChains(dataSource, hosted)));
      for (let rung = await lookAtNext(dataSource, hosted); rung; rung = await lookAtNext(dataSource, hosted)) rungs.push(rung);
      return rungs;
    },
    told: async (schedule) => {
      const rows = await house().query<{ text: string }>(
        `SELECT to_char(o.scheduled_for AT TIME ZONE 'UTC', 'HH24:MI') || ' ' || o.outcome AS text FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id WHERE s.name = $1 ORDER BY o.scheduled_for, o.cause`,
        [schedule],
      );
      return rows.map(({ text }) => text);
    },
    occurrences: () => house().query('SELECT outcome, count(*)::int AS count FROM engine.occurrence GROUP BY outcome ORDER BY outcome'),
  };
}

export const runsOf = (rungs: readonly Rung[]): string[] => rungs.flatMap((rung) => rung.runs.map((run) => `${rung.pipeline} ${run.status}`));

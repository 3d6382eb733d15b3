/** What firing costs in processor time, of the process that fires and of its backends in Postgres, for each reminder: says more than its pace on a machine that others use too. And which statements it goes to. */
import { createMemoryServices, memoryEntities, memoryMigrations, memoryPipeline, MemorySettings } from '@carillon/memory';
import { createDataSource } from '@carillon/persistence';
import { readSettings } from '@carillon/settings';
import { randomUUID } from 'node:crypto';
import { phase, say } from '../../../tools/progress.mjs';
import { moveDatabaseClock } from '../../../libs/testing/dist/database-clock.js';
import { cpuSecondsOf } from '../cpu-time.mjs';
import { median } from '../statistics.mjs';
import { makeReminders } from './seed.mjs';

const STATEMENTS = `SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 90) AS query, calls::int, total_exec_time AS ms, wal_bytes::float8 AS wal FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY total_exec_time DESC LIMIT 8`;

/** @returns {Promise<{ postgresMicros: number, schedulerMicros: number, logBytes: number }>} of one reminder, medians of the rounds; the bytes of Postgres' own log are the same on any machine */
export async function costOfFiring(servers, { stored, waiting, due, rounds }) {
  const url = await servers.freshDatabase('cost', { migrated: true });
  const dataSource = await createDataSource({ url, service: 'bench', poolSize: 4, statementTimeoutMs: 600_000, entities: memoryEntities, migrations: memoryMigrations });
  const services = createMemoryServices({ dataSource, settings: readSettings(MemorySettings) });
  const step = memoryPipeline(new MemorySettings()).steps.find(({ name }) => name === 'fireDueReminders');
  const instants = Array.from({ length: rounds }, (_one, nth) => new Date(Date.now() + (nth + 1) * 3_600_000));
  const [postgres, scheduler, log] = [[], [], []];
  try {
    await phase(`  ${stored} reminders`, () => makeReminders(dataSource, stored, { waiting, instants, due }));
    await dataSource.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    // As many connections as are used at once, so that none is new in a round.
    await Promise.all(Array.from({ length: 4 }, () => dataSource.query('SELECT pg_sleep(0.2)')));
    for (const instant of instants) {
      await moveDatabaseClock(url, instant.getTime() - Date.now());
      await dataSource.query('CHECKPOINT');
      await dataSource.query('SELECT pg_stat_statements_reset()');
      const unused = () => Promise.reject(new Error('not used here'));
      const context = {
        ...{ run: { id: randomUUID(), pipeline: 'memory', scope: '', trigger: 'manual', params: {} }, step: step.name, attempt: 1, now: new Date(), services, outputs: {}, signal: new AbortController().signal },
        ...{ progress: () => undefined, keep: unused, read: unused, fanOut: unused, log: services.log },
      };
      const backends = (await dataSource.query(`SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'carillon-bench%'`)).map(({ pid }) => pid);
      const used = () => backends.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
      const [before, own] = [used(), process.cpuUsage()];
      const [{ lsn }] = await dataSource.query('SELECT pg_current_wal_insert_lsn() AS lsn');
      const outcome = await step.run(context);
      const [after, mine] = [used(), process.cpuUsage(own)];
      if (outcome.counts?.remindersFired !== due) throw new Error(`${JSON.stringify(outcome)} instead of ${due} fired`);
      const [{ bytes }] = await dataSource.query('SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::float8 AS bytes', [lsn]);
      log.push(bytes / due);
      postgres.push(((after - before) * 1e6) / due);
      scheduler.push((mine.user + mine.system) / due);
    }
    for (const { query, calls, ms, wal } of await dataSource.query(STATEMENTS)) say(`  ${((ms * 1_000) / due).toFixed(1).padStart(7)} µs and ${(wal / due).toFixed(0).padStart(5)} bytes of log a reminder, ${String(calls).padStart(4)} calls: ${query}`);
    return { postgresMicros: median(postgres), schedulerMicros: median(scheduler), logBytes: median(log) };
  } finally {
    await dataSource.destroy();
  }
}

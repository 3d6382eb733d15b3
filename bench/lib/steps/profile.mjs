/** What holds our worker: its CPU by function and package, and the database's time by statement, while it works on steps that are asked for in bulk. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../../tools/progress.mjs';
import { readCpuProfile } from '../cpu-profile.mjs';
import { withTemporaryServers } from '../temporary-servers.mjs';
import { backlog, sustained } from './measure.mjs';

const ROWS = 25;
/** Part of the Postgres that comes with the embedded one; slower by a few percent, so never on while figures are taken. */
const COUNTING = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all', track_io_timing: 'on', 'pg_stat_statements.track_planning': 'on' };

/** Writes profiles that a browser's developer tools open, and `profile.md` with the main entries. @param {string} folder @param {import('./measure.mjs').Contender} contender */
export async function profiled(folder, contender) {
  const report = await withTemporaryServers({ postgresSettings: COUNTING }, async (servers) => {
    const parts = [];
    for (const [name, measure] of Object.entries({ sustained: async (...given) => (await sustained(...given)).rate, backlog })) {
      await servers.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()');
      const before = new Set(profilesIn(folder));
      const rate = await measure(contender, { servers, cpuProfile: folder });
      const statements = await servers.query(STATEMENTS);
      const [file] = profilesIn(folder).filter((one) => !before.has(one));
      if (file === undefined) throw new Error(`the worker left no profile in ${folder}`);
      parts.push(pageOf(name, rate, file, readCpuProfile(JSON.parse(readFileSync(join(folder, file), 'utf8'))), statements));
    }
    return parts.join('\n');
  });
  writeFileSync(join(folder, 'profile.md'), report);
  say(report);
}

const profilesIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));

const STATEMENTS = `SELECT calls::int, rows::int, total_exec_time + total_plan_time AS total, (total_exec_time + total_plan_time) / greatest(calls, 1) AS mean, total_plan_time AS planning, wal_bytes::float8 AS wal,
  left(regexp_replace(query, '\\s+', ' ', 'g'), 150) AS text
  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname LIKE 'measured%' ORDER BY total DESC LIMIT ${ROWS}`;

function pageOf(name, rate, file, { busyMs, idleMs, functions, callers, packages }, statements) {
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  return [
    `## ${name}: ${rate.toFixed(0)} steps/s while profiled (${file})`,
    '',
    `The worker was busy for ${percent(busyMs / (busyMs + idleMs))} of the time.`,
    '',
    ...table(['package, with what Node did for it', 'ms', 'of busy'], packages.slice(0, ROWS).map((one) => [one.name, one.selfMs.toFixed(0), percent(one.share)])),
    ...table(['function, with what Node did for it', 'where', 'ms', 'of busy'], callers.slice(0, ROWS).map((one) => [one.name, one.where, one.selfMs.toFixed(0), percent(one.share)])),
    ...table(['function', 'where', 'self ms', 'of busy'], functions.slice(0, ROWS).map((one) => [one.name, one.where, one.selfMs.toFixed(0), percent(one.share)])),
    ...table(
      ['statement', 'calls', 'rows', 'ms a call', 'total ms', 'planning ms', 'WAL KiB'],
      statements.map(({ text, calls, rows, mean, total, planning, wal }) => [`\`${text.replaceAll('|', '\\|').replaceAll('`', "'")}\``, calls, rows, mean.toFixed(3), total.toFixed(0), planning.toFixed(0), (wal / 1_024).toFixed(0)]),
    ),
  ].join('\n');
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).concat('');
}

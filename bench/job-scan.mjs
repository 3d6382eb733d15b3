/**
 * How many postings a second go through a first scan (read, normalise, hash, match, store) and through one in which nothing changed, what memory a scan takes with more boards,
 * and how fast postings are matched with fifty profiles. The boards are a server on loopback in this process; the scan is a process of its own, as `carillon job-scan run` is.
 */
import { parseArgs } from 'node:util';
import { stopOnSignals } from './lib/bench-folder.mjs';
import { serveBoards } from './lib/job-scan/boards.mjs';
import { inScanProcess } from './lib/job-scan/scan.mjs';
import { describeMachine } from './lib/machine.mjs';
import { printed, rounded } from './lib/result.mjs';
import { withTemporaryServers } from './lib/temporary-servers.mjs';

const OPTIONS = { json: { type: 'boolean' }, quick: { type: 'boolean' }, boards: { type: 'string' }, measure: { type: 'string', default: 'scan,memory,matching' }, help: { type: 'boolean' } };
const HELP = `npm run bench -- job-scan [options]
  --json           one JSON object on stdout
  --quick          small sizes, to see that it works: no figures to quote
  --boards COUNT   how many, instead of 200
  --measure NAMES  scan, memory, matching, separated by commas; all of them unless told
  --help           this text
`;
const FULL = { boards: 200, perBoard: 500, memoryPerBoard: 50, matched: 100_000, profiles: 50 };
const QUICK = { boards: 8, perBoard: 50, memoryPerBoard: 10, matched: 2_000, profiles: 50 };

try {
  const { values: flags } = parseArgs({ options: OPTIONS });
  stopOnSignals();
  if (flags.help) process.stdout.write(HELP);
  else process.stdout.write(printed(await jobScan({ ...(flags.quick ? QUICK : FULL), ...(flags.boards !== undefined && { boards: Number(flags.boards) }), measures: flags.measure.split(',').map((name) => name.trim()) }), { json: flags.json === true }));
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function jobScan({ boards, perBoard, memoryPerBoard, matched, profiles, measures }) {
  const wanted = (name, measure) => (measures.includes(name) ? measure() : undefined);
  const figures = {};
  const ratios = {};
  const machine = await withTemporaryServers({}, async (servers) => {
    const scanned = (count, each, etags) => scanOf(servers, { boards: count, perBoard: each, profiles, etags });
    await wanted('scan', async () => {
      const cpuBefore = servers.cpuSeconds().postgres;
      const { first, second, peakRssBytes } = await scanned(boards, perBoard, true);
      const plain = await scanned(Math.ceil(boards / 4), perBoard, false);
      Object.assign(figures, { firstPerSecond: Math.round(first.perSecond), secondPerSecond: Math.round(second.perSecond), firstPerCpuSecond: Math.round(first.perCpuSecond), secondPerCpuSecond: Math.round(second.perCpuSecond), secondPerSecondWithoutEtags: Math.round(plain.second.perSecond), secondPerCpuSecondWithoutEtags: Math.round(plain.second.perCpuSecond), peakRssMb: Math.round(peakRssBytes / 1e6), databaseCpuSeconds: rounded(servers.cpuSeconds().postgres - cpuBefore, 1) });
      Object.assign(ratios, { secondVsFirst: rounded(second.perSecond / first.perSecond, 1), secondVsFirstWithoutEtags: rounded(plain.second.perSecond / plain.first.perSecond, 1) });
    });
    await wanted('memory', async () => {
      const [one, two] = [await scanned(boards, memoryPerBoard, true), await scanned(2 * boards, memoryPerBoard, true)];
      ratios.memory400Vs200Boards = rounded(two.peakRssBytes / one.peakRssBytes, 2);
    });
    return { ...describeMachine(servers.versions), ...servers.durability };
  });
  await wanted('matching', async () => {
    const { perSecond, perCpuSecond } = await inScanProcess({ match: { postings: matched, profiles } });
    Object.assign(figures, { matchesPerSecond: Math.round(perSecond), matchesPerCpuSecond: Math.round(perCpuSecond) });
  });
  return { bench: 'job-scan', machine, figures, ratios, exponents: {}, peers: {} };
}

async function scanOf(servers, { boards, perBoard, profiles, etags }) {
  const server = await serveBoards({ boards, perBoard, etags });
  try {
    return await inScanProcess({ scan: { databaseUrl: await servers.freshDatabase('job_scan', { migrated: true }), boardsUrl: server.url, boards, perBoard, profiles } });
  } finally {
    await server.close();
  }
}

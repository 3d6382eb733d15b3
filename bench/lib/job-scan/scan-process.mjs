/** Scans twice, or matches, and says how long it took and how much memory it had at most. A scan that stored something else than it should is no figure. */
import { createJobScanServices, jobScanEntities, jobScanMigrations, loadConfig, scanOnce } from '@carillon/job-scan';
import { createDataSource } from '@carillon/persistence';
import { postingOf, profilesOf } from './postings.mjs';

process.once('message', async ({ scan, match }) => process.send(scan ? await scanned(scan) : matched(match)));
process.on('disconnect', () => process.exit(0));

async function scanned({ databaseUrl, boardsUrl, boards, perBoard, profiles }) {
  const sources = Array.from({ length: boards }, (_none, n) => ({ name: `Board ${n}`, type: 'ashby', identifier: `b${n}`, base_url: boardsUrl }));
  const loaded = loadConfig(JSON.stringify({ sources, profiles: profilesOf(profiles), advanced: { allow_private_addresses: true, concurrency: 4, requests_per_host: 4, jitter_milliseconds: 0 } }), 'bench');
  const dataSource = await createDataSource({ url: databaseUrl, service: 'bench', entities: jobScanEntities, migrations: jobScanMigrations, poolSize: 6 });
  const services = createJobScanServices({ dataSource, file: { path: 'bench', current: loaded, problem: undefined } });
  const once = async (stored) => {
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const result = await scanOnce(services, { signal: new AbortController().signal });
    const seconds = (performance.now() - began) / 1_000;
    if (result.hadErrors || result.fetched !== boards * perBoard || result.upserted !== stored) throw new Error(`the scan fetched ${result.fetched} and stored ${result.upserted}: ${JSON.stringify(result.sourceStats.find((one) => one.hadErrors) ?? {})}`);
    return { perSecond: (boards * perBoard) / seconds, perCpuSecond: (boards * perBoard) / cpuSecondsSince(cpu), matched: result.matched };
  };
  const first = await once(boards * perBoard);
  if (first.matched === 0) throw new Error('nothing matched: this measures something else');
  const second = await once(0);
  await services.close();
  await dataSource.destroy();
  return { first, second, peakRssBytes: process.resourceUsage().maxRSS * 1_024 };
}

function matched({ postings, profiles }) {
  const { matcher } = loadConfig(JSON.stringify({ sources: [{ name: 'b', type: 'ashby', identifier: 'b' }], profiles: profilesOf(profiles) }), 'bench');
  const now = new Date('2026-03-02T08:00:00Z');
  const texts = Array.from({ length: 1_000 }, (_none, n) => ({ ...postingOf(n), company: 'b', details: {}, postedAt: null, firstSeenAt: now }));
  for (const text of texts) matcher.matches(text, now);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let found = 0;
  for (let n = 0; n < postings; n += 1) found += matcher.matches(texts[n % texts.length], now).length;
  if (found === 0) throw new Error('nothing matched: this measures something else');
  return { perSecond: postings / ((performance.now() - began) / 1_000), perCpuSecond: postings / cpuSecondsSince(cpu) };
}

/** All threads of this process: on a machine that is busy with something else it says more than the clock. */
function cpuSecondsSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

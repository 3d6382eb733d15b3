import { sampleFile } from '@carillon/deliberation';
import { listRuns } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { withDatabase } from '../database.js';
import { printStory } from '../demo-story.js';
import { importFile } from '../import-file.js';
import { watchRun } from '../watch-run.js';

type Database = Parameters<Parameters<typeof withDatabase>[0]>[0];
/** The threshold is polled every few seconds; well past that, something is wrong. */
const RINGS_WITHIN_MS = 120_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `carillon demo`: what a newcomer sees first. The run is not asked for: the submissions reach the threshold, and it rings. */
export function demoCommand(): Command {
  return new Command('demo').description('submit the bundled sample, wait for the run that the threshold fires, and show what came of it').action(() =>
    withDatabase(async (dataSource) => {
      const [last] = await listRuns(dataSource, { pipeline: 'deliberation', limit: 1 });
      say('Submitting the sample: 176 concerns of a town that does not exist');
      const { outcomes } = await importFile(sampleFile, () => undefined, 500);
      say(`  ${Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
      const run = await nextRun(dataSource, last, (outcomes['accepted'] ?? 0) + (outcomes['pending'] ?? 0));
      await printStory(dataSource, run, say);
      if (run.status === 'failed' || run.status === 'cancelled') process.exitCode = 1;
    }),
  );
}

/** The run that what was just submitted made due; when nothing was new, the last one there was. */
async function nextRun(dataSource: Database, last: RunHistory | undefined, fresh: number): Promise<RunHistory> {
  if (fresh === 0 && last) {
    say('Everything was there already, so no run is owed. The last one:');
    return watchRun(dataSource, last.id, say);
  }
  say('Waiting for the threshold to ring …');
  const end = Date.now() + RINGS_WITHIN_MS;
  while (Date.now() < end) {
    const [newest] = await listRuns(dataSource, { pipeline: 'deliberation', limit: 1 });
    if (newest && newest.id !== last?.id) {
      say(`It rang by itself (${newest.trigger}: ${newest.reason ?? ''})`);
      return watchRun(dataSource, newest.id, say);
    }
    await delay(200);
  }
  throw new Error(`no run began within ${RINGS_WITHIN_MS / 1000} s: "carillon schedules" says what it waits for`);
}

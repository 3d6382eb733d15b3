import { sampleFile } from '@carillon/deliberation';
import { listRuns } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { withDatabase } from '../database.js';
import { fromEnvironment } from '../connection.js';
import { tellBowlingGreen } from '../demo/bowling-green.js';
import { findReferenceFile } from '../demo/reference-data.js';
import { printStory } from '../demo/sample-story.js';
import { scratchHouse } from '../demo/scratch-house.js';
import { importFile } from '../import-file.js';
import { watchRun } from '../watch-run.js';
import { wholeNumber } from './runs.js';

type Database = Parameters<Parameters<typeof withDatabase>[0]>[0];
/** The threshold is polled every few seconds; well past that, something is wrong. */
const RINGS_WITHIN_MS = 120_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `carillon demo`: what a newcomer sees first. The run is not asked for: the submissions reach the threshold, and it rings. */
export function demoCommand(): Command {
  const sample = new Command('demo').description('submit the bundled sample, wait for the run that the threshold fires, and show what came of it').action(() =>
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
  return sample.addCommand(bowlingGreenCommand());
}

const FILES = ['polis/bowling-green.jsonl', 'polis/bowling-green.votes.jsonl'] as const;

/** `carillon demo bowling-green`: a whole cycle on real data, in a database of its own that is dropped afterwards. */
function bowlingGreenCommand(): Command {
  return new Command('bowling-green')
    .description('a whole cycle on what a real town said: comments, clusters, endorsements, a ballot, its results, the evidence; wants open data that is not in the repository')
    .option('--participants <count>', 'how many of the 1,943 people take part', wholeNumber)
    .option('--gate <count>', 'supporters that put a concern on the ballot', wholeNumber, 100)
    .option('--json', 'the numbers as JSON, after the story on stderr')
    .action(async ({ participants, gate, json }: { participants?: number; gate: number; json?: true }) => {
      const [comments, votes] = FILES.map((file) => findReferenceFile(file)) as [ReturnType<typeof findReferenceFile>, ReturnType<typeof findReferenceFile>];
      if (!('path' in comments) || !('path' in votes)) {
        const looked = [comments, votes].flatMap((one) => ('looked' in one ? one.looked : []));
        say(`Skipped: the conversation of Bowling Green is not here. It was looked for at\n${looked.map((path) => `  ${path}`).join('\n')}\nCARILLON_REFERENCE_DATA names the folder that holds it; the data is open: https://compdemocracy.org/case-studies/2018-kentucky`);
        return;
      }
      const tell = json === true ? (line: string): void => void process.stderr.write(`${line}\n`) : say;
      const began = Date.now();
      const house = await scratchHouse(fromEnvironment('DATABASE_URL'));
      try {
        const numbers = await tellBowlingGreen(house, { comments: comments.path, votes: votes.path, gate, ...(participants !== undefined && { participants }) }, tell);
        tell(`\nTold in ${Math.round((Date.now() - began) / 1_000)} s, in a database that is gone again`);
        if (json === true) say(JSON.stringify(numbers));
        if (!numbers.evidence || numbers.proofs < 3) process.exitCode = 1;
      } finally {
        await house.close();
      }
    });
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

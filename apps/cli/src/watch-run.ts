/** A run as it happens: a line for every step that begins, moves or ends, until the run is over. */
import { setTimeout as delay } from 'node:timers/promises';
import { listRuns } from '@carillon/persistence';
import type { RunHistory, StepHistory } from '@carillon/persistence';
import type { RunReply } from '@carillon/shared';
import { withLedger } from './ledger.js';
import type { Database } from './ledger.js';
import { inWords } from './output/duration.js';

const LOOK_EVERY_MS = 200;

/** Follows a run to its end, telling `say` each change. */
export async function watchRun(dataSource: Database, runId: string, say: (line: string) => void): Promise<RunHistory> {
  const told = new Map<string, string>();
  for (;;) {
    const [run] = await listRuns(dataSource, { id: runId });
    if (!run) throw new Error(`there is no run ${runId}`);
    for (const step of run.steps) {
      const line = lineOf(step);
      const key = `${step.name} ${step.attempt}`;
      if (line !== undefined && told.get(key) !== line) say(line);
      if (line !== undefined) told.set(key, line);
    }
    if (run.finishedAt !== null) return run;
    await delay(LOOK_EVERY_MS);
  }
}

export function tellReply({ runId, status, reason }: RunReply): void {
  process.stdout.write(`run ${runId} is ${status}${reason === undefined ? '' : ` (${reason})`}\n`);
}

/** Shows a run that was asked for until it is over; the process exits with 1 unless it succeeds. */
export async function waitForEnd(reply: RunReply): Promise<void> {
  // A script that waits for its own run must not take another's for it.
  if (reply.status === 'skipped') throw new Error(`this run was skipped, so there is nothing to wait for: ask again when the run that is in its way is over ("carillon runs" shows it)`);
  const run = await withLedger((dataSource) => watchRun(dataSource, reply.runId, (line) => process.stdout.write(`${line}\n`)));
  for (const error of run.errors) process.stdout.write(`  ! ${error}\n`);
  process.stdout.write(`run ${run.status}\n`);
  if (run.status !== 'succeeded') process.exitCode = 1;
}

function lineOf(step: StepHistory): string | undefined {
  const name = `  ${step.name}${step.attempt > 1 ? ` (attempt ${step.attempt})` : ''}`;
  if (step.status === 'due') return undefined;
  if (step.status === 'running') return step.progress ? `${name} … ${step.progress.done}/${step.progress.total}` : `${name} …`;
  return `${name}: ${step.status}${step.durationMs === null ? '' : ` in ${inWords(step.durationMs)}`}${detailOf(step)}`;
}

function detailOf(step: StepHistory): string {
  const counts = Object.entries(step.counts).filter(([, count]) => count !== 0).map(([name, count]) => `${spaced(name)} ${count}`);
  const error = step.error === null ? [] : [String(step.error['message'])];
  const details = [...counts, ...error, ...(step.reason === null ? [] : [step.reason]), ...(step.errors.length > 0 ? [`${step.errors.length} item errors`] : [])];
  return details.length === 0 ? '' : ` — ${details.join(', ')}`;
}

/** `clustersCreated` → `clusters created`. */
export const spaced = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

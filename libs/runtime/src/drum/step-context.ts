/** What a step may do while it runs, bound to the claim that lets it write. One object a step, whose dear parts are made when they are asked for: most steps never ask. */
import type { AttemptContext, ValueReference } from '@carillon/engine';
import { ItemLedger, keepValue, outputsOf, readValue } from '@carillon/persistence';
import type { ClaimedStep, LeaseKeeper } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { fanOut } from './fan-out/fan-out.js';

/** What the context asks of its attempt. */
interface Attempted {
  readonly claim: ClaimedStep;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export function contextOf<Services>(attempt: Attempted, services: Services, { dataSource, keeper }: { dataSource: DataSource; keeper: Pick<LeaseKeeper, 'progress'> }): AttemptContext<Services> {
  const { claim } = attempt;
  const { run, name: step, attempt: number, claimedAt: now } = claim;
  const context: AttemptContext<Services> = {
    ...{ run, step, attempt: number, now, services },
    get outputs() {
      return outputsOf(claim.past);
    },
    get signal() {
      return attempt.signal;
    },
    get log() {
      return attempt.log;
    },
    progress: (done, total) => keeper.progress({ runId: run.id, stepId: claim.id, fence: claim.fence }, done, total),
    keep: (name, value) => keepValue(dataSource, claim, name, value),
    read: async <Value>(reference: ValueReference<Value>) => (await readValue(dataSource, run.id, reference)) as Value,
    fanOut: (work) => fanOut(work, context, new ItemLedger(dataSource, claim, work), Math.random),
  };
  return context;
}

/** `carillon runs resume ID` and `carillon runs cancel ID`: the same messages that any NATS client may send. */
import { listRuns } from '@carillon/persistence';
import { RunCancel, RunResume, subjectOf } from '@carillon/shared';
import type { RunReply } from '@carillon/shared';
import { Command } from 'commander';
import { withBus } from '../connection.js';
import { withLedger } from '../ledger.js';
import { tellReply, waitForEnd } from '../watch-run.js';

export function resumeCommand(): Command {
  return new Command('resume')
    .description('go on with a run that is over, as a new run that keeps what was done')
    .argument('<id>')
    .option('--from <step>', 'the step to do anew; the first one that failed unless told')
    .option('--keep-items', 'items that are done stay done, although their step is named')
    .option('--wait', 'show its steps live, until it is over; exit 1 unless it succeeded')
    .action(async (id: string, { from, keepItems, wait }: { from?: string; keepItems?: true; wait?: true }) => {
      const command: RunResume = { runId: id, ...(from !== undefined && { from }), ...(keepItems && { keepItems }) };
      const pipeline = await pipelineOf(id);
      const reply = (await withBus((bus) => bus.request(subjectOf(RunResume, pipeline), command))) as RunReply;
      tellReply(reply);
      if (wait === true) await waitForEnd(reply);
    });
}

export function cancelCommand(): Command {
  return new Command('cancel')
    .description('ask a run to stop: what waits ends now, what is being worked on when it has stopped')
    .argument('<id>')
    .option('--reason <text>', 'why, for the history')
    .action(async (id: string, { reason }: { reason?: string }) => {
      const pipeline = await pipelineOf(id);
      const { cancelled } = (await withBus((bus) => bus.request(subjectOf(RunCancel, pipeline), { runId: id, ...(reason !== undefined && { reason }) }))) as { cancelled: string[] };
      if (cancelled.length === 0) throw new Error(`run ${id} is over already: "carillon runs show ${id}" says how it ended`);
      process.stdout.write(`run ${id} was asked to stop\n`);
    });
}

/** @throws Error that says where ids are found */
export async function pipelineOf(id: string): Promise<string> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new Error(`"${id}" is not the id of a run: "carillon runs" lists them`);
  const [run] = await withLedger((dataSource) => listRuns(dataSource, { id }));
  if (!run) throw new Error(`there is no run ${id}: "carillon runs" lists those there are`);
  return run.pipeline;
}

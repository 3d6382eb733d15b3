/** `carillon schedules create|edit|pause|resume|delete|run|backfill`: the same messages that any NATS client may send. */
import type { BackfillReply } from '@carillon/runtime';
import type { ScheduleDetails } from '@carillon/persistence';
import { ScheduleBackfill, ScheduleCreate, ScheduleDelete, ScheduleEdit, SchedulePause, ScheduleResume, ScheduleRun } from '@carillon/shared';
import type { MessageType, RunReply } from '@carillon/shared';
import { Command } from 'commander';
import { withBus } from '../connection.js';
import { inZone } from '../output/schedule-details.js';
import { definitionFrom, jsonObject } from '../schedule-options.js';
import type { ScheduleOptions } from '../schedule-options.js';

export function changeCommands(): Command[] {
  return [createCommand(), editCommand(), pauseCommand(), resumeCommand(), deleteCommand(), runCommand(), backfillCommand()];
}

/** A change may settle a long backlog first. */
const ANSWER_WITHIN_MS = 30_000;

const ask = async <T>(message: MessageType, body: object): Promise<T> => (await withBus((bus) => bus.request(message.subject, body as Record<string, unknown>, ANSWER_WITHIN_MS))) as T;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function createCommand(): Command {
  return withDefinition(new Command('create').description('make a schedule for a pipeline').argument('<pipeline>').option('--name <name>', "the pipeline's name, with the scope behind a slash, unless told")).action(
    async (pipeline: string, { name, ...options }: ScheduleOptions & { name?: string }) => say(`created ${inShort(await ask<ScheduleDetails>(ScheduleCreate, { pipeline, ...(name !== undefined && { name }), ...definitionFrom(options) }))}`),
  );
}

function editCommand(): Command {
  return withDefinition(new Command('edit').description('change a schedule that was made at runtime; what it owes is settled first').argument('<name>')).action(async (name: string, options: ScheduleOptions) => {
    const definition = definitionFrom(options);
    if (Object.keys(definition).length === 0) throw new Error('nothing to change: "carillon schedules edit --help" lists what can be');
    say(`edited ${inShort(await ask<ScheduleDetails>(ScheduleEdit, { name, ...definition }))}`);
  });
}

function pauseCommand(): Command {
  return new Command('pause').description('let a schedule rest').argument('<name>').action(async (name: string) => say(`paused ${inShort(await ask<ScheduleDetails>(SchedulePause, { name }))}`));
}

function resumeCommand(): Command {
  return new Command('resume')
    .description('let a schedule go on from now')
    .argument('<name>')
    .option('--catch-up', 'what fell due meanwhile was missed, and the misfire policy says what becomes of it')
    .action(async (name: string, { catchUp }: { catchUp?: true }) => say(`resumed ${inShort(await ask<ScheduleDetails>(ScheduleResume, { name, from: catchUp === true ? 'misfire' : 'now' }))}`));
}

function deleteCommand(): Command {
  return new Command('delete').description('remove a schedule that was made at runtime; what it made stays in the history').argument('<name>').action(async (name: string) => say(`deleted ${(await ask<{ deleted: string }>(ScheduleDelete, { name })).deleted}`));
}

function runCommand(): Command {
  return new Command('run')
    .description("a run now, with the schedule's scope and parameters; it takes no instant")
    .argument('<name>')
    .option('--params <json>', "over the schedule's own, as a JSON object")
    .action(async (name: string, { params }: { params?: string }) => {
      const { runId, status, reason } = await ask<RunReply>(ScheduleRun, { name, ...(params !== undefined && { params: jsonObject('--params', params, '{"since":"2026-01-01"}') }) });
      say(`run ${runId} is ${status}${reason === undefined ? '' : ` (${reason})`}`);
    });
}

function backfillCommand(): Command {
  return new Command('backfill')
    .description('make up for the instants of a range that did not run')
    .argument('<name>')
    .requiredOption('--from <instant>', 'the first, such as 2026-03-01T00:00:00Z')
    .requiredOption('--to <instant>', 'the last')
    .option('--policy', "as the schedule's overlap policy says, instead of one after the other")
    .action(async (name: string, { from, to, policy }: { from: string; to: string; policy?: true }) => {
      const { owed, ranBefore, runs } = await ask<BackfillReply>(ScheduleBackfill, { name, from, to, overlap: policy === true ? 'policy' : 'queue' });
      say(`${owed} instants in the range, ${ranBefore} had run before, ${runs.length} runs made`);
      for (const { runId, status, reason } of runs) say(`  ${runId} ${status} ${reason ?? ''}`);
    });
}

function withDefinition(command: Command): Command {
  return command
    .option('--cron <expression>', 'such as "0 2 * * MON-FRI"')
    .option('--daily <time>', 'once a day, such as 02:00')
    .option('--zone <zone>', 'the IANA zone of --cron or --daily; UTC unless told')
    .option('--every <time>', 'such as 15m')
    .option('--once <instant>', 'such as 2026-12-24T18:00:00+01:00')
    .option('--after <pipeline>', 'when a run of it has ended')
    .option('--outcome <list>', 'of --after: succeeded, partial, failed, cancelled')
    .option('--when <conditions>', 'of --after, on its counts: imported>=1,rejected<=0')
    .option('--each-scope', 'of --after: follow the runs of every scope')
    .option('--trigger <json>', 'any other, as "schedules show NAME --json" shows them')
    .option('--scope <scope>', 'the tenant, team or source')
    .option('--misfire <policy>', 'latest, earliest, all:COUNT or skip:GRACE')
    .option('--overlap <policy>', 'skip, queue, queue:COUNT, replace or allow')
    .option('--gap <policy>', 'a time that clocks jump over: nextValid or skip')
    .option('--clock-overlap <policy>', 'a time that clocks show twice: first, second or both')
    .option('--jitter <time>', 'starts later by a share of this that never changes')
    .option('--deadline <time>', 'expires when it would start later; none takes it away')
    .option('--params <json>', 'parameters for the steps, as a JSON object')
    .option('--priority <number>', 'the higher one goes first among what waits');
}

/** Answers over the bus are JSON, so instants are texts. */
function inShort({ name, version, upcoming, trigger }: ScheduleDetails): string {
  const zone = trigger.kind === 'cron' ? trigger.timeZone : 'UTC';
  const [next] = upcoming;
  return `${name}, version ${version}${next ? `; next ${inZone(new Date(next.scheduledFor), zone)}` : ''}`;
}

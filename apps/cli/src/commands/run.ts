import type { RunReply } from '@carillon/shared';
import { RunRequest, subjectOf } from '@carillon/shared';
import { Command, InvalidArgumentError } from 'commander';
import { withBus } from '../connection.js';
import { withDatabase } from '../database.js';
import { watchRun } from '../watch-run.js';

/** `carillon run NAME [--wait]`: the same message that any NATS client may publish. */
export function runCommand(): Command {
  return new Command('run')
    .description('run a pipeline now')
    .argument('<pipeline>', 'its name, such as deliberation')
    .option('--scope <scope>', 'the tenant, team or source to run for')
    .option('--params <json>', 'parameters for its steps, as a JSON object')
    .option('--dedupe-key <key>', 'the same key again answers the run that it made before')
    .option('--priority <number>', 'among runs that wait, the higher one goes first', integer)
    .option('--wait', 'show its steps live, until it is over; exit 1 unless it succeeded')
    .action(async (pipeline: string, options: { scope?: string; params?: string; dedupeKey?: string; priority?: number; wait?: true }) => {
      const reply = await withBus((bus) => bus.request(subjectOf(RunRequest, pipeline), requestOf(options))) as RunReply;
      process.stdout.write(`run ${reply.runId} is ${reply.status}${reply.reason === undefined ? '' : ` (${reply.reason})`}\n`);
      if (options.wait !== true) return;
      // A script that waits for its own run must not take another's for it.
      if (reply.status === 'skipped') throw new Error(`this run was skipped, so there is nothing to wait for: ask again when the run that is in its way is over ("carillon runs" shows it)`);
      const run = await withDatabase((dataSource) => watchRun(dataSource, reply.runId, (line) => process.stdout.write(`${line}\n`)));
      for (const error of run.errors) process.stdout.write(`  ! ${error}\n`);
      process.stdout.write(`run ${run.status}\n`);
      if (run.status !== 'succeeded') process.exitCode = 1;
    });
}

function requestOf({ scope, params, dedupeKey, priority }: { scope?: string; params?: string; dedupeKey?: string; priority?: number }): RunRequest {
  return { ...(priority !== undefined && { priority }), ...(scope !== undefined && { scope }), ...(params !== undefined && { params: parsed(params) }), ...(dedupeKey !== undefined && { dedupeKey }) };
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('Write a whole number.');
  return value;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, with what would be right.
  }
  throw new Error(`--params ${text} is not a JSON object: write for example --params '{"since":"2026-01-01"}'`);
}

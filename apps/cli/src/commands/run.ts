import type { RunReply } from '@carillon/shared';
import { RunRequest, subjectOf } from '@carillon/shared';
import { Command, InvalidArgumentError } from 'commander';
import { withBus } from '../connection.js';
import { tellReply, waitForEnd } from '../watch-run.js';

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
      tellReply(reply);
      if (options.wait === true) await waitForEnd(reply);
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

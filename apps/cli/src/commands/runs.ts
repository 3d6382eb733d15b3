import { listItems, listRuns, modelSpendOfRun, summarizeItems } from '@carillon/persistence';
import type { ItemHistory, ItemSummary, ModelSpendLine, RunHistory } from '@carillon/persistence';
import { RUN_STATUSES } from '@carillon/shared';
import type { RunStatus } from '@carillon/shared';
import { Command, InvalidArgumentError, Option } from 'commander';
import { withLedger } from '../ledger.js';
import { inWords } from '../output/duration.js';
import { cut, table } from '../output/table.js';
import { spaced } from '../watch-run.js';
import { cancelCommand, resumeCommand } from './run-changes.js';

interface RunsOptions {
  json?: true;
  limit: number;
  pipeline?: string;
  status?: RunStatus;
}

/** `carillon runs`: what happened, newest first. */
export function runsCommand(): Command {
  const command = new Command('runs')
    .description('the run history')
    .option('--json', 'everything, as a JSON array')
    .option('--limit <count>', 'how many', wholeNumber, 20)
    .option('--pipeline <name>', 'of one pipeline')
    .addOption(new Option('--status <status>', 'with one status').choices([...RUN_STATUSES]))
    .action(async ({ json, ...filter }: RunsOptions) => {
      const runs = await withLedger((dataSource) => listRuns(dataSource, filter));
      process.stdout.write(`${json === true ? JSON.stringify(runs, null, 2) : overview(runs)}\n`);
    });
  return command.addCommand(showCommand()).addCommand(resumeCommand()).addCommand(cancelCommand());
}

function showCommand(): Command {
  return new Command('show')
    .description('one run with its steps')
    .argument('<id>')
    .action(async (id: string) => {
      if (!/^[0-9a-f-]{36}$/i.test(id)) throw new Error(`"${id}" is not the id of a run: "carillon runs" lists them`);
      const [[run], items, failed, spend] = await withLedger((dataSource) => Promise.all([listRuns(dataSource, { id }), summarizeItems(dataSource, id), listItems(dataSource, { runId: id, status: 'failed', limit: FAILURES_SHOWN }), modelSpendOfRun(dataSource, id)]));
      if (!run) throw new Error(`there is no run ${id}: "carillon runs" lists those there are`);
      process.stdout.write(`${details(run, items, failed, spend)}\n`);
    });
}

function overview(runs: RunHistory[]): string {
  if (runs.length === 0) return 'no runs yet: "carillon run deliberation --wait" starts one';
  const rows = runs.map((run) => [run.id, run.pipeline, run.trigger, run.status, (run.startedAt ?? run.requestedAt).toISOString(), took(run), cut(run.reason ?? '', 60)]);
  return table(['id', 'pipeline', 'trigger', 'status', 'started', 'took', 'why'], rows);
}

/** Failed items that are listed by name; more are counted. */
const FAILURES_SHOWN = 20;

function details(run: RunHistory, items: ItemSummary[], failed: ItemHistory[], spend: ModelSpendLine[]): string {
  const head = `${run.pipeline} ${run.status}, ${run.trigger}: ${run.reason ?? ''}\nstarted ${run.startedAt?.toISOString() ?? 'never'}, took ${took(run)}`;
  const counts = Object.entries(run.counts).map(([name, count]) => `  ${spaced(name)}: ${count}`);
  const steps = run.steps.map((step) => [step.name, step.attempt, step.status, inWords(step.durationMs), cut(step.reason ?? String(step.error?.['message'] ?? ''), 80)]);
  return [head, ...counts, '', table(['step', 'attempt', 'status', 'took', ''], steps), ...itemLines(items, failed), ...spendLines(spend), ...run.errors.map((error) => `! ${error}`)].join('\n');
}

function itemLines(items: ItemSummary[], failed: ItemHistory[]): string[] {
  if (items.length === 0) return [];
  const rows = items.map((one) => [one.step, ...[one.done, one.kept, one.failed, one.skipped, one.waiting].map(String)]);
  const failures = failed.map((one) => [one.step, cut(one.key, 60), String(one.attempts), cut(one.error?.message ?? '', 80)]);
  const more = items.reduce((sum, one) => sum + one.failed, 0) - failed.length;
  return ['', table(['items of', 'done', 'kept', 'failed', 'skipped', 'waiting'], rows), ...(failures.length > 0 ? ['', table(['failed item of', 'item', 'tries', ''], failures)] : []), ...(more > 0 ? [`… and ${more} more failed items`] : []), ''];
}

type Spent = Omit<ModelSpendLine, 'purpose' | 'provider' | 'model' | 'costUsd'> & { costUsd: number };

/** Every answered call, also of attempts that died, by model and together. A model without a price costs an unknown amount, not nothing. */
function spendLines(spend: ModelSpendLine[]): string[] {
  if (spend.length === 0) return [];
  const lines = spend.map((line) => ({ ...line, costUsd: Number(line.costUsd) }));
  const sum = (of: keyof Spent): number => lines.reduce((total, line) => total + line[of], 0);
  const together: Spent = { calls: sum('calls'), inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens'), costUsd: sum('costUsd'), unpricedCalls: sum('unpricedCalls') };
  const cost = ({ calls, costUsd, unpricedCalls }: Spent): string => (unpricedCalls === calls ? 'no price' : `${costUsd.toFixed(4)}${unpricedCalls > 0 ? ` and ${unpricedCalls} calls without a price` : ''}`);
  const figures = (one: Spent): (string | number)[] => [one.calls, one.inputTokens, one.outputTokens, cost(one)];
  const rows = lines.map((one) => [one.purpose, `${one.provider}/${one.model}`, ...figures(one)]);
  return ['', table(['asked for', 'model', 'calls', 'tokens in', 'out', 'USD'], [...rows, ['together', '', ...figures(together)]]), ''];
}

const took = (run: RunHistory): string => inWords(run.startedAt && run.finishedAt ? run.finishedAt.getTime() - run.startedAt.getTime() : null);

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number of 1 or more.');
  return value;
}

import { ALERT_KINDS } from '@carillon/engine';
import type { AlertKind, JsonObject } from '@carillon/engine';
import { listAlerts, setScheduleAlerts } from '@carillon/persistence';
import type { AlertRow } from '@carillon/persistence';
import { Command, InvalidArgumentError, Option } from 'commander';
import { withLedger } from '../ledger.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

/** `carillon alerts`: what operators were told about. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('what operators were told about')
    .option('--json', 'as a JSON array')
    .option('--open', 'without what is over')
    .addOption(new Option('--kind <kind>', 'of one kind').choices([...ALERT_KINDS]))
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async ({ json, ...filter }: { json?: true; open?: true; kind?: AlertKind; limit: number }) => {
      const alerts = await withLedger((dataSource) => listAlerts(dataSource, filter));
      process.stdout.write(`${json === true ? JSON.stringify(alerts, null, 2) : overview(alerts)}\n`);
    })
    .addCommand(policyCommand());
}

interface PolicyOptions {
  afterFailures?: number;
  everyFurther?: number;
  lateSeconds?: number;
  recipient?: string;
  channel?: string;
}

function policyCommand(): Command {
  return new Command('policy')
    .description('what is told about one schedule; what is left out is as the settings say')
    .argument('<schedule>', 'its name, as "carillon schedules" lists it')
    .option('--after-failures <count>', 'failures in a row; 0 never tells', count)
    .option('--every-further <count>', 'again at every further so many; 0 tells once', count)
    .option('--late-seconds <seconds>', 'later than this is late', wholeNumber)
    .option('--recipient <id>', 'who is told')
    .addOption(new Option('--channel <channel>', 'how').choices(['telegram', 'email', 'slack']))
    .action(async (schedule: string, { lateSeconds, ...rest }: PolicyOptions) => {
      if (lateSeconds !== undefined && lateSeconds < 10) throw new Error(`--late-seconds ${lateSeconds} is too short: schedules are watched from 10 seconds on`);
      const alerts = { ...rest, ...(lateSeconds !== undefined && { lateAfterMs: lateSeconds * 1_000 }) } as JsonObject;
      const kept = Object.keys(alerts).length === 0 ? null : alerts;
      if (!(await withLedger((dataSource) => setScheduleAlerts(dataSource, schedule, kept)))) throw new Error(`there is no schedule "${schedule}": "carillon schedules" lists them`);
      process.stdout.write(kept === null ? 'as the settings say\n' : `${JSON.stringify(kept)}\n`);
    });
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Write a whole number of 0 or more.');
  return value;
}

function overview(alerts: AlertRow[]): string {
  if (alerts.length === 0) return 'nothing was told';
  const what = ({ pipeline, scope }: AlertRow): string => (pipeline === null ? 'the engine' : scope ? `${pipeline} (${scope})` : pipeline);
  return table(['since', 'kind', 'what', 'over', 'details'], alerts.map((one) => [one.openedAt.toISOString(), one.kind, cut(what(one), 50), one.closedAt?.toISOString() ?? 'open', cut(JSON.stringify(one.detail), 100)]));
}

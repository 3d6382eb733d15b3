import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import cliProgress from 'cli-progress';
import { Command } from 'commander';
import { askService } from '../connection.js';
import type { ImportReport } from '../import-file.js';
import { importFile } from '../import-file.js';
import { readLines } from '../read-lines.js';
import { wholeNumber } from './runs.js';

interface SubmitOptions {
  file?: string;
  text?: string;
  author?: string;
  batch: number;
  json?: true;
}

/** `carillon submit --file FILE.jsonl`: an operator's import, resumable; or one submission with --author and --text. */
export function submitCommand(): Command {
  return new Command('submit')
    .description('send submissions to deliberation')
    .option('--file <file>', 'JSON Lines with author, text and optionally language, externalId, submittedAt (Unix ms)')
    .option('--batch <lines>', 'lines of one request, at most 500', wholeNumber, 200)
    .option('--author <ref>', 'with --text: who says it')
    .option('--text <text>', 'one submission')
    .option('--json', 'the report as JSON')
    .action(async ({ file, text, author, batch, json }: SubmitOptions) => {
      if (file !== undefined) return submitFile(resolve(file), Math.min(batch, 500), json === true);
      if (text === undefined || author === undefined) throw new Error('say --file FILE.jsonl, or --author REF --text "…"');
      process.stdout.write(`${JSON.stringify(await askService('INTAKE', 'POST', '/deliberation/submissions', { author, text }), null, 2)}\n`);
    });
}

async function submitFile(file: string, batch: number, json: boolean): Promise<void> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(`there is no file ${file}`);
  let total = 0;
  for await (const _line of readLines(file)) total += 1;
  const bar = new cliProgress.SingleBar({ format: 'submitting {bar} {value}/{total} lines, {eta_formatted} left', stream: process.stderr, noTTYOutput: false, hideCursor: true }, cliProgress.Presets.shades_classic);
  bar.start(total, 0);
  const report = await importFile(file, (lines) => bar.update(lines), batch).finally(() => bar.stop());
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${inWords(report)}\n`);
  if ((report.outcomes['failed'] ?? 0) > 0) process.exitCode = 1;
}

function inWords({ lines, outcomes, remarks }: ImportReport): string {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return [...remarks.map(({ line, outcome, message }) => `line ${line} ${outcome}: ${message}`), `${lines} lines: ${counts.join(', ')}`].join('\n');
}

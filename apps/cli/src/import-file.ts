/**
 * Sends a file of submissions through intake's import, batch after batch. Sending it again is harmless: what is stored already is answered as a
 * duplicate, so an import that was cut off is resumed by repeating it.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImportResult } from '@carillon/deliberation';
import { askService } from './connection.js';
import { inBatches, readLines } from './read-lines.js';
import type { NumberedLine } from './read-lines.js';

export interface ImportReport {
  lines: number;
  /** By what became of them: accepted, rejected, duplicate, pending, failed, … */
  outcomes: Record<string, number>;
  /** Every line that was neither accepted nor known already, with its number and why. */
  remarks: { line: number; outcome: string; message: string }[];
}

/** One transaction on the other side; large enough to be quick, small enough to show progress. */
const DEFAULT_BATCH = 200;
const TRIES = 6;

export async function importFile(file: string, onProgress: (lines: number) => void, batchSize = DEFAULT_BATCH): Promise<ImportReport> {
  const report: ImportReport = { lines: 0, outcomes: {}, remarks: [] };
  for await (const batch of inBatches(readLines(file), batchSize)) {
    for (const { line, outcome, message } of await sendBatch(batch)) {
      report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
      if (outcome !== 'accepted' && outcome !== 'duplicate') report.remarks.push({ line, outcome, message });
    }
    report.lines += batch.length;
    onProgress(report.lines);
  }
  return report;
}

interface LineOutcome {
  line: number;
  outcome: string;
  message: string;
}

async function sendBatch(batch: readonly NumberedLine[]): Promise<LineOutcome[]> {
  const parsed = batch.map(({ number, text }) => ({ line: number, ...parse(text) }));
  const good = parsed.flatMap((one) => ('value' in one ? [one] : []));
  const bad = parsed.flatMap((one) => ('problem' in one ? [{ line: one.line, outcome: 'failed', message: one.problem }] : []));
  const results = good.length === 0 ? [] : await sendUntilAnswered(good.map((one) => one.value));
  return [...bad, ...results.map((result, index) => ({ line: good[index]?.line ?? 0, outcome: result.outcome, message: result.message }))].sort((a, b) => a.line - b.line);
}

/** A batch is safe to send again, so a service that restarts in the middle is waited for. */
async function sendUntilAnswered(submissions: unknown[]): Promise<ImportResult[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { results } = await askService<{ results: ImportResult[] }>('INTAKE', 'POST', '/deliberation/imports', { submissions });
      return results;
    } catch (error) {
      if (attempt === TRIES || /answered 4\d\d/.test((error as Error).message)) throw error;
      await delay(250 * 2 ** attempt);
    }
  }
}

function parse(text: string): { value: object } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'is not a JSON object: write {"author": …, "text": …}' };
    return { value: withSubmissionFields(value) };
  } catch (error) {
    return { problem: `is not JSON: ${(error as Error).message}` };
  }
}

/** Files carry more than a submission has (votes, labels); the rest stays behind. A line without an id of its own gets one from its content. */
function withSubmissionFields(line: object): object {
  const { author, text, language, externalId, submittedAt } = line as Record<string, unknown>;
  const id = externalId ?? `sha256:${createHash('sha256').update(JSON.stringify([author, submittedAt, text])).digest('hex')}`;
  return Object.fromEntries(Object.entries({ author, text, language, externalId: id, submittedAt }).filter(([, value]) => value !== undefined));
}

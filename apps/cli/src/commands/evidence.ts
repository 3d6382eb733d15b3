import { once } from 'node:events';
import { exportEvidence, listEvidenceRoots, proveEvidence, verifyEvidence } from '@carillon/deliberation';
import type { DailyRoot, EvidenceVerdict, RootPublication } from '@carillon/deliberation';
import { Command } from 'commander';
import { withDatabase } from '../database.js';
import { cut, table } from '../output/table.js';
import { wholeNumber } from './runs.js';

/** `carillon evidence verify|export|roots|prove`: the chain is checked here, or by anyone with the export and docs/verify-*.mjs. */
export function evidenceCommand(): Command {
  return new Command('evidence').description('the tamper-evident chain').addCommand(verifyCommand()).addCommand(exportCommand()).addCommand(rootsCommand()).addCommand(proveCommand());
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute the whole chain and the daily roots; exit 1 at the first broken entry or root')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { json?: true }) => {
      const result = await withDatabase((dataSource) => verifyEvidence(dataSource, (checked) => process.stderr.isTTY && process.stderr.write(`\r${checked} entries checked`)));
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
      process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : `${inWords(result)}\n`);
      if (!result.valid) process.exitCode = 1;
    });
}

function inWords({ valid, checked, brokenAt, roots }: EvidenceVerdict): string {
  const entry = brokenAt === undefined ? '' : `, entry ${brokenAt.position} is broken: ${brokenAt.reason}`;
  const root = roots.broken === undefined ? '' : `, the root of ${roots.broken} does not fit the chain`;
  return `${valid ? 'valid' : 'BROKEN'}: ${checked} entries${roots.checked > 0 ? ` and ${roots.checked} daily roots` : ''} checked${entry}${root}`;
}

function exportCommand(): Command {
  return new Command('export').description('the public chain, one entry a line, exactly as it was hashed').action(() =>
    withDatabase(async (dataSource) => {
      for await (const entry of exportEvidence(dataSource)) if (!process.stdout.write(`${JSON.stringify(entry)}\n`)) await once(process.stdout, 'drain');
    }),
  );
}

function rootsCommand(): Command {
  return new Command('roots')
    .description('the Merkle root of each past day, and which witness has it')
    .option('--json', 'everything, as a JSON array')
    .action(async ({ json }: { json?: true }) => {
      const roots = await withDatabase(listEvidenceRoots);
      if (json === true) process.stdout.write(`${JSON.stringify(roots, null, 2)}\n`);
      else if (roots.length === 0) process.stdout.write('no roots yet: a day that has entries gets its root after midnight UTC\n');
      else process.stdout.write(`${table(['day', 'entries', 'from', 'to', 'root', 'witnesses'], roots.map(rowOf))}\n`);
    });
}

function rowOf({ day, entry_count, first_seq, last_seq, merkle_root, publications }: DailyRoot & { publications: RootPublication[] }): (string | number)[] {
  return [day, entry_count, first_seq, last_seq, merkle_root, publications.map(toldOf).join('; ')];
}

function toldOf({ witness, published_at, receipt, error, attempts, next_attempt_at }: RootPublication): string {
  if (published_at !== null) return `${witness}: ${receipt ?? ''}`;
  return error === null ? `${witness}: waiting` : `${witness}: failed ${attempts} times, again at ${next_attempt_at ?? ''}: ${cut(error, 80)}`;
}

function proveCommand(): Command {
  return new Command('prove')
    .description('the proof that one entry is under its day\'s root, as JSON; check it with "node docs/verify-proof.mjs FILE ROOT"')
    .argument('<position>', 'the number of the entry (its seq), counted from 1', wholeNumber)
    .action(async (position: number) => {
      const proof = await withDatabase((dataSource) => proveEvidence(dataSource, position));
      if (proof === 'no_such_entry') throw new Error(`there is no entry ${position}: "carillon evidence export" shows those there are`);
      if (proof === 'no_root_yet') throw new Error(`entry ${position} is under no root yet: its day gets one within minutes after midnight UTC`);
      process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    });
}

import { once } from 'node:events';
import { exportEvidence, verifyEvidence } from '@carillon/deliberation';
import { Command } from 'commander';
import { withDatabase } from '../database.js';

/** `carillon evidence verify|export`: the chain is checked here, or by anyone with the export and docs/verify-evidence.mjs. */
export function evidenceCommand(): Command {
  return new Command('evidence').description('the tamper-evident chain').addCommand(verifyCommand()).addCommand(exportCommand());
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute the whole chain and the daily roots; exit 1 at the first broken entry')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { json?: true }) => {
      const result = await withDatabase((dataSource) => verifyEvidence(dataSource, (checked) => process.stderr.isTTY && process.stderr.write(`\r${checked} entries checked`)));
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
      process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : `${result.valid ? 'valid' : 'BROKEN'}: ${result.checked} entries checked${result.brokenAt ? `, entry ${result.brokenAt.position} is broken: ${result.brokenAt.reason}` : ''}\n`);
      if (!result.valid) process.exitCode = 1;
    });
}

function exportCommand(): Command {
  return new Command('export').description('the public chain, one entry a line, exactly as it was hashed').action(() =>
    withDatabase(async (dataSource) => {
      for await (const entry of exportEvidence(dataSource)) if (!process.stdout.write(`${JSON.stringify(entry)}\n`)) await once(process.stdout, 'drain');
    }),
  );
}

/**
 * How many notices a second go from the ledger to the Bot API's receipt with its limits lifted, with one notifier: claimed, rendered, sent over HTTP to a server in a process of its own, and settled. And whether
 * a backlog of one chat slows the others. The database waits for the disk.
 */
import { parseArgs } from 'node:util';
import { stopOnSignals } from './lib/bench-folder.mjs';
import { describeMachine } from './lib/machine.mjs';
import { claimBesideBacklog, deliver } from './lib/notices/delivering.mjs';
import { printed, rounded } from './lib/result.mjs';
import { withTemporaryServers } from './lib/temporary-servers.mjs';

const OPTIONS = { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } };
const HELP = `npm run bench -- notices [options]
  --json     one JSON object on stdout
  --quick    small sizes, to see that it works: no figures to quote
  --help     this text
`;
const FULL = { notices: 10_000, backlog: 10_000, claims: 40 };
const QUICK = { notices: 300, backlog: 500, claims: 4 };

try {
  const { values: flags } = parseArgs({ options: OPTIONS });
  stopOnSignals();
  if (flags.help) process.stdout.write(HELP);
  else process.stdout.write(printed(await notices(flags.quick ? QUICK : FULL), { json: flags.json === true }));
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

/** @param {typeof FULL} extent @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function notices(extent) {
  return withTemporaryServers({}, async (servers) => {
    const delivered = await deliver(servers, extent);
    const claims = await claimBesideBacklog(servers, extent);
    return {
      bench: 'notices',
      machine: { ...describeMachine(servers.versions), ...servers.durability },
      figures: {
        ...{ deliveredPerSecond: Math.round(delivered.perSecond), statementsPerNotice: rounded(delivered.statementsPerNotice, 3) },
        ...{ claimMs: rounded(claims.without, 2), claimMsBesideBacklog: rounded(claims.with, 2) },
      },
      ratios: { claimBesideBacklog: rounded(claims.with / claims.without, 2) },
      exponents: {},
      peers: {},
    };
  });
}

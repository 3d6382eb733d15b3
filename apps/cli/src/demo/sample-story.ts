/** The end of the first start: what happened, in a page, and where to look next. */
import { setTimeout as delay } from 'node:timers/promises';
import { currentCycle, listClusters, sealPending, verifyEvidence } from '@carillon/deliberation';
import { NoticeLedger } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import type { withDatabase } from '../database.js';
import { inWords } from '../output/duration.js';
import { cut, table } from '../output/table.js';
import { spaced } from '../watch-run.js';

type Database = Parameters<Parameters<typeof withDatabase>[0]>[0];

export async function printStory(dataSource: Database, run: RunHistory, say: (line: string) => void): Promise<void> {
  const notices = await settledNotices(dataSource);
  // Sealing follows a second behind; the story tells of all that was written.
  await sealPending(dataSource);
  const [clusters, ballot, evidence] = await Promise.all([listClusters(dataSource, { limit: 20 }), currentCycle(dataSource), verifyEvidence(dataSource)]);
  const took = run.startedAt && run.finishedAt ? run.finishedAt.getTime() - run.startedAt.getTime() : null;
  say(`\nRun ${run.id} ${run.status} in ${inWords(took)}`);
  say(indented(Object.entries(run.counts).filter(([, count]) => count > 0).map(([name, count]) => `${spaced(name)}: ${count}`)));
  for (const error of run.errors) say(`  ! ${error}`);
  say(`\n${clusters.length} clusters`);
  say(indented(table(['size', 'people', 'title'], clusters.map((one) => [one.size, one.supporters, cut(one.title.en ?? '', 70)])).split('\n')));
  say(ballot ? `\nOn the ballot until ${ballot.endsAt.toISOString()}` : '\nNo ballot is open');
  if (ballot) say(indented(ballot.items.map((item) => `${item.position}. ${cut(item.question.en ?? '', 76)} (${item.options.length} options)`)));
  say('\nNotices');
  say(indented(notices.length === 0 ? ['none'] : notices.map((one) => `${one.messageType} to ${one.recipient}: ${one.status}`)));
  say(`\nEvidence: ${evidence.valid ? 'verified' : 'BROKEN'}, ${evidence.checked} entries checked`);
  say(whereToLook());
}

/** Notices are delivered beside the run; they get a moment. */
async function settledNotices(dataSource: Database): ReturnType<NoticeLedger['list']> {
  const ledger = new NoticeLedger(dataSource);
  for (let look = 0; look < 40; look += 1) {
    const notices = await ledger.list({ limit: 20 });
    if (notices.every((one) => one.status !== 'queued' && one.status !== 'sending')) return notices;
    await delay(250);
  }
  return ledger.list({ limit: 20 });
}

function whereToLook(): string {
  const pages = ['INTAKE', 'SCHEDULER', 'NOTIFIER'].flatMap((service) => (process.env[`${service}_URL`] ? [`  ${process.env[`${service}_URL`]}/docs  (${service.toLowerCase()})`] : []));
  const commands = ['runs', 'clusters', 'notices', 'schedules', 'evidence verify', 'run deliberation --wait'].map((command) => `  npm run carillon -- ${command}`);
  return ['\nWhere to look next', ...commands, ...pages].join('\n');
}

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');

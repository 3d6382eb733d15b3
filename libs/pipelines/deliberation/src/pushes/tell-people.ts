/** Files what people are owed, a batch at a time: a run that dies here has told some, and the next one tells the rest. */
import { done } from '@carillon/engine';
import type { JsonObject, StepContext, StepOutcome } from '@carillon/engine';
import { createTokens, inTransaction, queueNotice } from '@carillon/persistence';
import type { NewToken } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { OwedPush, PushKind } from './owed.js';
import { owedPushes } from './owed.js';

const BATCH = 200;

export const tellPeople = step('tellPeople', {
  does: 'Tells people over the bot of ballots that opened, soon end or were counted, of their concerns, and of those they endorsed that woke.',
  onFailure: 'continue',
  run,
});

async function run({ services, run: { id: runId }, signal, progress }: StepContext<DeliberationServices>): Promise<StepOutcome> {
  const counts: Record<string, number> = {};
  let told = 0;
  for (;;) {
    signal.throwIfAborted();
    const batch = await owedPushes(services.dataSource.manager, services.settings, BATCH);
    if (batch.length === 0) return done({ counts: { noticesQueued: told, ...counts } });
    const filed = await inTransaction(services.dataSource, (manager) => file(manager, batch, runId));
    for (const kind of filed) counts[COUNT_OF[kind]] = (counts[COUNT_OF[kind]] ?? 0) + 1;
    told += filed.length;
    progress(told, told + 1);
    // Another run filed the whole batch in between.
    if (filed.length === 0) return done({ counts: { noticesQueued: told, ...counts } });
  }
}

const COUNT_OF: Readonly<Record<PushKind, string>> = { ballot_opened: 'toldOpened', ballot_reminder: 'reminded', ballot_results: 'toldResults', concern_joined: 'toldJoined', concern_woken: 'toldWoken' };
const TYPE_OF: Readonly<Record<PushKind, string>> = { ballot_opened: 'ballot_opened_to_you', ballot_reminder: 'ballot_reminder', ballot_results: 'ballot_results_to_you', concern_joined: 'concern_joined', concern_woken: 'concern_woken' };

async function file(manager: EntityManager, batch: readonly OwedPush[], runId: string): Promise<PushKind[]> {
  const voting = batch.filter(({ kind }) => kind === 'ballot_opened' || kind === 'ballot_reminder');
  const tokens = await createTokens(manager, voting.map((push): NewToken => ({ surface: 'deliberation', action: 'policy', payload: { cycle: push.subject, at: 0, chosen: {} }, recipient: recipientOf(push) })));
  const tokenOf = new Map(voting.map(({ key }, index) => [key, tokens[index] ?? '']));
  const filed: PushKind[] = [];
  for (const push of batch) {
    const token = tokenOf.get(push.key);
    const content: JsonObject = { locale: push.locale, subject: push.subject, size: push.size, titles: push.titles, ...(push.endsAt && { ends_at: push.endsAt.toISOString() }), ...(token !== undefined && { vote_token: token }) };
    const { created } = await queueNotice(manager, { channel: 'telegram', recipient: recipientOf(push), messageType: TYPE_OF[push.kind], content, dedupeKey: push.key, runId });
    if (created) filed.push(push.kind);
  }
  return filed;
}

const recipientOf = ({ accountId }: OwedPush): string => `account:${accountId}`;

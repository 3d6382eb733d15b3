/** What the bot would tell people, as filed and as they would read it. */
import type { StepContext, StepOutcome } from '@carillon/engine';
import { chatIdentity, databaseNow, newId } from '@carillon/persistence';
import { render } from '@carillon/texts';
import type { RenderedNotice } from '@carillon/texts';
import type { BatchUnderTest } from '../batch.fixture.js';
import type { Locale } from '../entities-intake.js';
import type { DeliberationServices } from '../services.js';
import { deliberationNotices } from '../texts/notices.js';
import { tellPeople } from './tell-people.js';

/** Files what is owed; answers the step's counts. */
export async function tell({ services, dataSource }: BatchUnderTest): Promise<Record<string, number>> {
  const context = { services, run: { id: newId() }, now: await databaseNow(dataSource.manager), signal: new AbortController().signal, progress: () => undefined } as unknown as StepContext<DeliberationServices>;
  const outcome = (await (tellPeople.run as (given: unknown) => Promise<StepOutcome>)(context)) as Extract<StepOutcome, { kind: 'done' }>;
  return (outcome.counts ?? {}) as Record<string, number>;
}

export async function linkChat(batch: BatchUnderTest, accountId: string, { chatId, locale }: { chatId: number; locale: Locale }): Promise<void> {
  const { ref } = await chatIdentity(batch.dataSource, chatId, locale);
  await batch.query('UPDATE deliberation.account SET chat_ref = $2, locale = $3 WHERE id = $1', [accountId, ref, locale]);
}

/** Everything that was filed for one of these people, the oldest first. @param people name → account id */
export async function told(batch: BatchUnderTest, people: Readonly<Record<string, string>>): Promise<(RenderedNotice & { who: string | undefined; type: string })[]> {
  const rows = await batch.query<{ recipient: string; type: string; content: Record<string, unknown> }>(`SELECT recipient, message_type AS type, content FROM notices.notice WHERE recipient LIKE 'account:%' ORDER BY id`);
  return rows.map(({ recipient, type, content }) => ({ who: Object.entries(people).find(([, id]) => recipient === `account:${id}`)?.[0], type, ...render(deliberationNotices, type, content) }));
}

/** What is seen: directions are told by characters that are not. */
export const seen = (text: string): string => text.replaceAll(/[\u200F\u2068\u2069]/g, '');

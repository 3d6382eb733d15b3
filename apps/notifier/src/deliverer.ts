/** One notice from its nudge to its record in the ledger: claim → render → send → settle. What happens outside lies between two commits. */
import { DEFAULT_RETRY } from '@carillon/engine';
import type { JsonObject, RetryPolicy } from '@carillon/engine';
import { inTransaction, queueNotice } from '@carillon/persistence';
import type { Channel, ClaimedNotice, Delivery, NewNotice, NoticeLedger } from '@carillon/persistence';
import { inSpan } from '@carillon/runtime';
import type { NotifierSettings } from '@carillon/runtime';
import { SpanKind } from '@opentelemetry/api';
import { render } from '@carillon/texts';
import type { Catalogue, RenderedNotice } from '@carillon/texts';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { deliveryAfter } from './after-sending.js';
import type { NoticeChannel } from './channel.js';

export interface DelivererOptions {
  dataSource: DataSource;
  ledger: NoticeLedger;
  catalogue: Catalogue;
  /** The channels that this process delivers on; undefined for one that is not configured: its notices end as dry runs. */
  channels: Readonly<Partial<Record<Channel, NoticeChannel | undefined>>>;
  settings: NotifierSettings;
  log: Logger;
  /** Uniform in [0, 1), for the jitter of pauses. */
  random?: () => number;
  /** Told what became of each attempt, for counting. */
  onSettled?(channel: string, status: string): void;
}

/** What recording takes after the sending is over. */
const RECORD_WITHIN_MS = 10_000;

export class Deliverer {
  private readonly retry: RetryPolicy;
  private readonly longestMs: number;

  constructor(private readonly options: DelivererOptions) {
    const { noticeMaxAttempts: maxAttempts, noticeRetryBaseMs: baseMs, noticeRetryCapMs: capMs } = options.settings;
    this.retry = { ...DEFAULT_RETRY, maxAttempts, baseMs, capMs };
    this.longestMs = Math.max(0, ...Object.values(options.channels).map((channel) => channel?.longestMs ?? 0));
  }

  /** Handles one nudge. Resolves when the notice is settled, or when there is nothing to do: it is done already, not yet due, or another's. */
  async deliver(noticeId: string, signal: AbortSignal): Promise<void> {
    const { ledger, log } = this.options;
    const claim = await ledger.claim(noticeId, this.longestMs + RECORD_WITHIN_MS);
    if (!claim) return log.debug({ notice: noticeId }, 'nothing to do for this notice');
    const attributes = { 'carillon.notice': claim.id, 'carillon.notice.type': claim.messageType, 'carillon.notice.attempt': claim.attempts };
    const delivery = await inSpan('deliver notice', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const came = await this.attempt(claim, signal);
      span.setAttribute('carillon.notice.status', came.status);
      return came;
    });
    await this.record(claim, delivery);
  }

  /** Gives a message that names no row its row; the row's own message delivers it. The same key is filed once. */
  async file(notice: Omit<NewNotice, 'content'> & { content: Record<string, unknown> }): Promise<void> {
    const { dataSource, log } = this.options;
    // It was JSON a moment ago.
    const content = notice.content as JsonObject;
    const { id, created } = await inTransaction(dataSource, (manager) => queueNotice(manager, { ...notice, content }));
    if (created) log.info({ notice: id, recipient: notice.recipient, type: notice.messageType }, 'filed a notice that was published by hand');
  }

  /** Whatever is wrong with the notice itself is wrong for ever. */
  private async attempt(claim: ClaimedNotice, signal: AbortSignal): Promise<Delivery> {
    const { catalogue, channels, random = Math.random } = this.options;
    // A message by hand may name any row.
    if (!Object.hasOwn(channels, claim.channel)) return { status: 'queued', retryAfterMs: 0 };
    let notice: RenderedNotice | undefined;
    try {
      notice = render(catalogue, claim.messageType, claim.content);
      const channel = channels[claim.channel];
      if (!channel) return { status: 'dry-run', text: notice.text };
      const sent = await channel.deliver(channel.addressOf(claim), notice, { noticeId: claim.id, signal });
      return deliveryAfter(sent, { text: notice.text, attempts: claim.attempts, retry: this.retry, random: random() });
    } catch (error) {
      return { status: 'dead', error: (error as Error).message, ...(notice && { text: notice.text }) };
    }
  }

  /** Logs say what happened to which notice, and never what it says. */
  private async record(claim: ClaimedNotice, delivery: Delivery): Promise<void> {
    const fields = { notice: claim.id, recipient: claim.recipient, type: claim.messageType, status: delivery.status, attempt: claim.attempts };
    const details = { ...('error' in delivery && { reason: delivery.error }), ...('retryAfterMs' in delivery && { retryAfterMs: delivery.retryAfterMs }) };
    const log = this.options.log.child(fields);
    try {
      if (!(await this.options.ledger.settle(claim, delivery))) return log.warn(details, 'the claim was lost meanwhile: the ledger shows this notice as uncertain');
    } catch (error) {
      log.error({ ...details, err: error, ...('providerMessageId' in delivery && { providerMessageId: delivery.providerMessageId }) }, 'what came of a notice could not be recorded: it will show as uncertain');
      throw error;
    }
    this.options.onSettled?.(claim.channel, delivery.status);
    const troubled = delivery.status === 'dead' || delivery.status === 'uncertain';
    log[troubled ? 'warn' : 'info'](details, `notice ${delivery.status}`);
  }
}

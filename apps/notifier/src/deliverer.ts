/** One message from its claim to its record in the ledger: render → send → settle. What happens outside lies between two commits. */
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_RETRY } from '@carillon/engine';
import type { RetryPolicy } from '@carillon/engine';
import type { Channel, ClaimedNotice, Delivery, NoticeLedger, Pause, NoticeSettlement } from '@carillon/persistence';
import { Batch, inSpan, traceOfHeaders } from '@carillon/runtime';
import type { NotifierSettings } from '@carillon/runtime';
import { SpanKind } from '@opentelemetry/api';
import type { Catalogue, RenderedNotice } from '@carillon/texts';
import type { Logger } from 'pino';
import { deliveryAfter, NO_PAUSE, pauseAfter } from './after-sending.js';
import type { NoticeChannel, Sending } from './channel.js';
import { compose } from './compose.js';
import type { Composed } from './compose.js';
import { SettledAtLast } from './settled-at-last.js';

export interface DelivererOptions {
  ledger: NoticeLedger;
  catalogue: Catalogue;
  settings: NotifierSettings;
  log: Logger;
  /** Uniform in [0, 1), for the jitter of pauses. */
  random?: () => number;
  /** Told what became of each attempt, for counting. */
  onSettled?(channel: Channel, status: string): void;
}

/** Records of one statement at most. */
const SETTLED_AT_ONCE = 200;

export class Deliverer {
  private readonly retry: RetryPolicy;
  private readonly records: Batch<NoticeSettlement, boolean>;

  constructor(private readonly options: DelivererOptions) {
    const { noticeMaxAttempts: maxAttempts, noticeRetryBaseMs: baseMs, noticeRetryCapMs: capMs } = options.settings;
    this.retry = { ...DEFAULT_RETRY, maxAttempts, baseMs, capMs };
    const atLast = new SettledAtLast(options.ledger, options.log);
    this.records = new Batch({ round: (settlements) => atLast.settle(settlements), most: SETTLED_AT_ONCE, flights: 2 });
  }

  /**
   * Sends the notices of one head as one message, and records each. Never throws.
   * @param channel undefined when it is not configured: its notices end as dry runs
   */
  async deliver(channel: NoticeChannel | undefined, claims: readonly [ClaimedNotice, ...ClaimedNotice[]], signal: AbortSignal): Promise<void> {
    const [head] = claims;
    const attributes = { 'carillon.notice': head.id, 'carillon.notice.type': head.messageType, 'carillon.notice.attempt': head.attempts, ...(claims.length > 1 && { 'carillon.notice.together': claims.length }) };
    const parent = head.trace === null ? undefined : traceOfHeaders({ traceparent: head.trace });
    const settlements = await inSpan('deliver notice', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const came = await this.attempt(channel, claims, signal);
      span.setAttribute('carillon.notice.status', came.find(({ claim }) => claim.id === head.id)?.delivery.status ?? 'queued');
      return came;
    }, parent);
    await Promise.all(settlements.map((settlement) => this.record(settlement)));
  }

  private async attempt(channel: NoticeChannel | undefined, claims: readonly [ClaimedNotice, ...ClaimedNotice[]], signal: AbortSignal): Promise<NoticeSettlement[]> {
    const [head] = claims;
    if (channel && head.closedBecause !== null) return all(claims, { status: 'undeliverable', error: `nobody is reached at this address: ${head.closedBecause}` });
    const composed = compose(this.options.catalogue, claims);
    const { message, told, broken, left } = composed;
    const settled = [...broken.map(({ claim, why }) => settlement(claim, { status: 'dead', error: why })), ...all(left, { status: 'queued', retryAfterMs: 0 })];
    if (!message) return settled;
    if (!channel) return [...settled, ...told.map(({ claim, notice }) => settlement(claim, { status: 'dry-run', text: notice.text }))];
    return [...settled, ...(await this.send(channel, message, composed, signal))];
  }

  private async send(channel: NoticeChannel, message: RenderedNotice, { told }: Composed, signal: AbortSignal): Promise<NoticeSettlement[]> {
    const head = told[0]?.claim;
    if (!head) return [];
    const { random = Math.random, settings } = this.options;
    try {
      const address = channel.addressOf(head);
      const sent = await channel.deliver(address, message, this.sending(channel, head, signal));
      const pause = pauseAfter(sent, channel.pauseAfter(address));
      const luck = random();
      return told.map(({ claim, notice }) => {
        const repeats = !claim.possiblyRepeated && isRepeated(settings.noticeRepeatUncertain, claim);
        const delivery = deliveryAfter(sent, { text: kept(notice), attempts: claim.attempts, retry: this.retry, random: luck, repeats });
        const more = delivery.status === 'sent' && { ...(told.length > 1 && { digestId: head.id }), ...(notice.confidential && { confidential: true as const }) };
        return settlement(claim, { ...delivery, ...more }, pause);
      });
    } catch (error) {
      // The channel throws before it sends, and only what would happen again.
      return told.map(({ claim, notice }) => settlement(claim, { status: 'dead', error: (error as Error).message, text: kept(notice) }));
    }
  }

  /** The first turn came with the claim; further messages of a long notice ask for theirs. Once the first is out a stopping service goes on: half a notice would be worse than a late exit. */
  private sending(channel: NoticeChannel, { id: noticeId, recipient, waitMs, channel: name }: ClaimedNotice, signal: AbortSignal): Sending {
    let begun = false;
    const nextTurn = async (): Promise<boolean> => {
      if (begun) await delay(await this.options.ledger.reserve(name, channel.perSecond));
      else begun = waitMs <= 0 ? !signal.aborted : await delay(waitMs, true, { signal }).catch(() => false);
      return begun;
    };
    return { noticeId, recipient, nextTurn };
  }

  /** Logs say what happened to which notice, and never what it says. */
  private async record(settlement: NoticeSettlement): Promise<void> {
    const { claim, delivery } = settlement;
    const details = { ...('error' in delivery && { reason: delivery.error }), ...('retryAfterMs' in delivery && { retryAfterMs: delivery.retryAfterMs }) };
    const log = this.options.log.child({ notice: claim.id, recipient: claim.recipient, type: claim.messageType, status: delivery.status, attempt: claim.attempts });
    try {
      if (!(await this.records.add(settlement))) return log.warn(details, 'the claim was lost meanwhile: the ledger shows this notice as uncertain');
    } catch (error) {
      return log.error({ ...details, err: error, ...('providerMessageId' in delivery && { providerMessageId: delivery.providerMessageId }) }, 'what came of a notice could not be recorded: it will show as uncertain');
    }
    this.options.onSettled?.(claim.channel, delivery.status);
    const troubled = delivery.status === 'dead' || delivery.status === 'uncertain' || delivery.status === 'undeliverable';
    log[troubled ? 'warn' : 'info'](details, `notice ${delivery.status}`);
  }
}

/** What the ledger may hold of a text. */
const kept = ({ text, confidential }: RenderedNotice): string => (confidential === true ? '(confidential: not kept)' : text);

const settlement = (claim: ClaimedNotice, delivery: Delivery, pause: Pause = NO_PAUSE): NoticeSettlement => ({ claim, delivery, pause });

const all = (claims: readonly ClaimedNotice[], delivery: Delivery): NoticeSettlement[] => claims.map((claim) => settlement(claim, delivery));

const isRepeated = (kinds: readonly string[], { channel, messageType }: ClaimedNotice): boolean => kinds.includes(`${channel}:${messageType}`) || kinds.includes(`${channel}:*`);

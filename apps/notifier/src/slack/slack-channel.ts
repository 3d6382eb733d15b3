/** Delivers one notice to Slack through an incoming webhook, https://api.slack.com/messaging/webhooks. The webhook's address is its secret, so no reason and no log names it. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pause } from '@carillon/persistence';
import type { SlackSettings } from '@carillon/runtime';
import type { RenderedNotice } from '@carillon/texts';
import type { Addressee, Failure, NoticeChannel, Sending, Sent } from '../channel.js';
import { NoAddress, TextTooLong } from '../errors.js';
import { codeOf, nameOf, neverConnected } from '../network.js';
import { splitHtml } from '../telegram/split.js';
import { linksBelow, mrkdwnOf } from './mrkdwn.js';

/** Slack cuts longer texts. */
const TEXT_LIMIT = 4_000;
const MOST_PARTS = 10;

export class SlackChannel implements NoticeChannel {
  readonly name = 'slack';
  /** Each webhook has its own limit; there is none over all. */
  readonly perSecond = 0;

  /** Another webhook is another place, and the ledger is not told the secret that it is. */
  readonly commonMailbox?: string;

  constructor(private readonly settings: SlackSettings) {
    const { slackWebhookUrl } = settings;
    if (slackWebhookUrl !== undefined) this.commonMailbox = `webhook ${createHash('sha256').update(slackWebhookUrl).digest('hex').slice(0, 12)}`;
  }

  get longestMs(): number {
    return MOST_PARTS * (this.settings.slackHttpTimeoutMs + this.settings.slackIntervalMs);
  }

  pauseAfter(): Omit<Pause, 'messages'> {
    return { pauseMs: this.settings.slackIntervalMs };
  }

  addressOf({ recipient, address }: Addressee): string {
    const { slackWebhookUrl, slackWebhookRoot } = this.settings;
    const webhook = address ?? slackWebhookUrl;
    if (webhook === undefined || !webhook.startsWith(slackWebhookRoot)) throw new NoAddress(recipient, 'slack', `${slackWebhookRoot}services/…`);
    return webhook;
  }

  async deliver(webhook: string, notice: RenderedNotice, { nextTurn }: Sending): Promise<Sent> {
    const parts = partsOf(notice);
    const messageIds: string[] = [];
    for (const [index, part] of parts.entries()) {
      if (index > 0) await delay(this.settings.slackIntervalMs);
      if (!(await nextTurn())) return { kind: 'put-back' };
      const failure = await this.post(webhook, part);
      if (failure) return { kind: 'failed', failure, messageIds, parts: parts.length };
      // A webhook names nothing.
      messageIds.push(`part ${index + 1}`);
    }
    return { kind: 'sent', messageIds };
  }

  private async post(webhook: string, text: string): Promise<Failure | undefined> {
    try {
      const response = await fetch(webhook, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text, unfurl_links: false }), redirect: 'manual', signal: AbortSignal.timeout(this.settings.slackHttpTimeoutMs) });
      const said = (await response.text()).slice(0, 200);
      return response.ok ? undefined : answered(response.status, said, response.headers.get('retry-after'));
    } catch (error) {
      if (neverConnected(error)) return { kind: 'transient', reason: `Slack could not be reached: ${codeOf(error)}` };
      const happened = nameOf(error) === 'TimeoutError' ? 'Slack did not answer in time' : `the connection to Slack broke (${codeOf(error)})`;
      return { kind: 'unknown', reason: `${happened}, so nobody knows whether the message arrived` };
    }
  }
}

/** When Slack says 429 without saying for how long. */
const UNNAMED_WAIT_MS = 1_000;

/** Pure: what an answer that is not 200 means, https://api.slack.com/messaging/webhooks#handling_errors. */
export function answered(status: number, body: string, retryAfter: string | null): Failure {
  const said = `Slack said ${status}: ${body}`;
  const seconds = Number(retryAfter ?? Number.NaN);
  if (status === 429) return { kind: 'throttled', reason: said, retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : UNNAMED_WAIT_MS };
  if (status === 504) return { kind: 'unknown', reason: `${said}, so nobody knows whether the message arrived` };
  if (status >= 500) return { kind: 'transient', reason: said };
  if (status === 404 || status === 410 || /^(no_service|no_team|team_disabled|channel_not_found|channel_is_archived|invalid_token|action_prohibited)/.test(body)) return { kind: 'gone', reason: `${said}. Is the webhook still there?` };
  if (status >= 300 && status < 400) return { kind: 'misconfigured', reason: `${said}. Is this a webhook of Slack?` };
  return { kind: 'refused', reason: said };
}

function partsOf({ text, buttons }: RenderedNotice): string[] {
  const parts = splitHtml(text, TEXT_LIMIT - 500).map(mrkdwnOf).filter((part) => part !== '');
  if (parts.length === 0) throw new TextTooLong('the text has nothing to see in it');
  if (parts.length > MOST_PARTS) throw new TextTooLong(`the text has ${text.length} characters and needs ${parts.length} messages; Slack gets ${MOST_PARTS} at most`);
  const links = linksBelow(buttons);
  return parts.map((part, index) => (links !== '' && index === parts.length - 1 ? `${part}\n${links}` : part));
}

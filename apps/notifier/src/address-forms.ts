/** What an address looks like on each channel. A webhook is a place that we post to: only Slack's own are taken. */
import type { Channel } from '@carillon/persistence';
import type { SlackSettings } from '@carillon/runtime';
import { EMAIL_ADDRESS } from './email/email-channel.js';
import { TELEGRAM_CHAT } from './telegram/destination.js';

export class AddressForms {
  constructor(private readonly slack: Pick<SlackSettings, 'slackWebhookRoot'>) {}

  /** Undefined when nothing is. */
  wrongWith(channel: Channel, address: string): string | undefined {
    switch (channel) {
      case 'telegram':
        return TELEGRAM_CHAT.test(address) ? undefined : 'a Telegram address is the number of a chat, such as -1001234567890, or the @name of a public channel';
      case 'email':
        return EMAIL_ADDRESS.test(address) ? undefined : 'an e-mail address is one name@example.org, without a display name';
      case 'slack':
        return address.startsWith(this.slack.slackWebhookRoot) && URL.canParse(address) ? undefined : `a Slack address is an incoming webhook, ${this.slack.slackWebhookRoot}services/…`;
    }
  }
}

/** The door through which nudges about notices arrive. Slack has no handler yet: its rows and messages wait for one. */
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { DeliveryContext } from '@carillon/messaging';
import { NotifyEmail, NotifyTelegram } from '@carillon/shared';
import type { Channel } from '@carillon/persistence';
import { Deliverer } from './deliverer.js';

@Controller()
export class NotifyController {
  constructor(private readonly deliverer: Deliverer) {}

  @EventPattern<string>(NotifyTelegram.subject)
  telegram(@Payload() message: NotifyTelegram, @Ctx() context: DeliveryContext): Promise<void> {
    return this.nudge('telegram', message, context);
  }

  @EventPattern<string>(NotifyEmail.subject)
  email(@Payload() message: NotifyEmail, @Ctx() context: DeliveryContext): Promise<void> {
    return this.nudge('email', message, context);
  }

  private async nudge(channel: Channel, message: NotifyTelegram | NotifyEmail, context: DeliveryContext): Promise<void> {
    if (message.notice_id !== undefined) return this.deliverer.deliver(message.notice_id, context.signal);
    const { user_id: recipient, message_type: messageType, content } = message;
    await this.deliverer.file({ channel, recipient, messageType, content, dedupeKey: `by-hand.${context.messageId ?? context.storedAs}` });
  }
}

/** The door through which nudges about Telegram notices arrive. E-mail and Slack have no handler yet: their rows and messages wait for one. */
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { DeliveryContext } from '@carillon/messaging';
import { NotifyTelegram } from '@carillon/shared';
import { Deliverer } from './deliverer.js';

@Controller()
export class NotifyController {
  constructor(private readonly deliverer: Deliverer) {}

  @EventPattern<string>(NotifyTelegram.subject)
  async telegram(@Payload() message: NotifyTelegram, @Ctx() context: DeliveryContext): Promise<void> {
    if (message.notice_id !== undefined) return this.deliverer.deliver(message.notice_id, context.signal);
    const { user_id: recipient, message_type: messageType, content } = message;
    await this.deliverer.file({ channel: 'telegram', recipient, messageType, content, dedupeKey: `by-hand.${context.messageId ?? context.storedAs}` });
  }
}

/** The door through which nudges about notices arrive. What they name is in the ledger, and what is due there is taken in the ledger's order, so a nudge only wakes. */
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { DeliveryContext } from '@carillon/messaging';
import type { Channel } from '@carillon/persistence';
import { NotifyEmail, NotifySlack, NotifyTelegram } from '@carillon/shared';
import { PostOffice } from './post-office.js';

@Controller()
export class NotifyController {
  constructor(private readonly office: PostOffice) {}

  @EventPattern<string>(NotifyTelegram.subject)
  telegram(@Payload() message: NotifyTelegram, @Ctx() context: DeliveryContext): Promise<void> {
    return this.take('telegram', message, context);
  }

  @EventPattern<string>(NotifyEmail.subject)
  email(@Payload() message: NotifyEmail, @Ctx() context: DeliveryContext): Promise<void> {
    return this.take('email', message, context);
  }

  @EventPattern<string>(NotifySlack.subject)
  slack(@Payload() message: NotifySlack, @Ctx() context: DeliveryContext): Promise<void> {
    return this.take('slack', message, context);
  }

  /** One that names no row was published by hand, and gets its row first. */
  private async take(channel: Channel, message: NotifyTelegram | NotifyEmail | NotifySlack, context: DeliveryContext): Promise<void> {
    if (message.notice_id !== undefined) return this.office.wake(channel);
    const { user_id: recipient, message_type: messageType, content } = message;
    await this.office.file({ channel, recipient, messageType, content, dedupeKey: `by-hand.${context.messageId ?? context.storedAs}` });
  }
}

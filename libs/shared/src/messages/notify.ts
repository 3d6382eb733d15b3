import { IsNotEmpty, IsObject, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import type { MessageKind } from '../message.js';

/** The fields that a notice has on every channel. */
abstract class Notify {
  static readonly kind: MessageKind = 'work';

  /** The ledger row that this message nudges; absent when published by hand, then the notifier files one. */
  @IsOptional() @IsUUID() notice_id?: string;
  /** Whom to tell: a person's or channel's id inside Carillon, or the channel's own address. */
  @IsString() @IsNotEmpty() @MaxLength(200) user_id!: string;
  /** Which text of the catalogue to render. */
  @IsString() @IsNotEmpty() @MaxLength(100) message_type!: string;
  /** The values that fill the text. */
  @IsObject() content!: Record<string, unknown>;
}

/** Deliver a notice over Telegram. Sent by whoever committed the notice row; handled by notifier. A duplicate finds the row already sent. */
export class NotifyTelegram extends Notify {
  static readonly subject = 'notify.telegram';
}

/** Deliver a notice by e-mail. As `NotifyTelegram`. */
export class NotifyEmail extends Notify {
  static readonly subject = 'notify.email';
}

/** Deliver a notice to Slack. As `NotifyTelegram`. */
export class NotifySlack extends Notify {
  static readonly subject = 'notify.slack';
}

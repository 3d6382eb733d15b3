import { IsIn, IsOptional, IsString } from 'class-validator';
import type { MessageKind } from '../message.js';

/** "Is there a backup?" Sent by anyone; handled by backup with a `BackupReply`. Asking twice changes nothing. */
export class BackupStatus {
  static readonly subject = 'backup.status';
  static readonly kind: MessageKind = 'request';
}

/** "Back up now." Sent by anyone; handled by backup, which says that it skips. Asking twice changes nothing. */
export class BackupRequest {
  static readonly subject = 'backup.request';
  static readonly kind: MessageKind = 'request';

  @IsOptional() @IsString() reason?: string;
}

/** What backup answers: until S3 is configured there is none, and it says so. */
export class BackupReply {
  @IsIn(['not_configured']) status!: 'not_configured';
}

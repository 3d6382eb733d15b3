/** What people send to the bot, as row classes. */
import type { JsonObject } from '@carillon/engine';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A private chat, and who that is inside Carillon. */
@Entity({ schema: 'telegram', name: 'chat' })
export class TelegramChat {
  @PrimaryColumn('bigint', { name: 'chat_id' }) chatId!: string;
  @Column('uuid') ref!: string;
  @Column('text') locale!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

/** One update; its body is kept until it is handled. */
@Entity({ schema: 'telegram', name: 'update' })
export class TelegramUpdate {
  @PrimaryColumn('bigint', { name: 'update_id' }) updateId!: string;
  @Column('bigint', { name: 'chat_id', nullable: true }) chatId!: string | null;
  @Column('jsonb', { nullable: true }) body!: JsonObject | null;
  @Column('text') state!: 'received' | 'handled' | 'failed';
  @Column('int') attempts!: number;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column('text', { nullable: true }) error!: string | null;
  @Column('timestamptz', { name: 'received_at' }) receivedAt!: Date;
  @Column('timestamptz', { name: 'handled_at', nullable: true }) handledAt!: Date | null;
}

/** What a button stands for. */
@Entity({ schema: 'telegram', name: 'callback_token' })
export class CallbackToken {
  @PrimaryColumn('text') token!: string;
  @Column('text') surface!: string;
  @Column('text') action!: string;
  @Column('jsonb') payload!: JsonObject;
  @Column('text') recipient!: string;
  @Column('boolean') once!: boolean;
  @Column('bigint', { name: 'used_by', nullable: true }) usedBy!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}

/** Where the conversation of a chat stands, and which pipeline holds it. */
@Entity({ schema: 'telegram', name: 'conversation' })
export class TelegramConversation {
  @PrimaryColumn('uuid') ref!: string;
  @Column('text') surface!: string;
  @Column('jsonb') state!: JsonObject;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

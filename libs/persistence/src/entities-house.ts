/** What the house keeps beside the ledger, as row classes: promised messages, processes, dead letters, alerts, keys, notices. */
import type { AlertKind, JsonObject } from '@carillon/engine';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Right } from './api-keys.js';
import type { NoticeStatus } from './notice-ledger.js';
import type { Channel } from './notices.js';

/** A promise to publish: one message, or without a subject a list of facts. */
@Entity({ schema: 'engine', name: 'outbox' })
export class OutboxMessage {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { nullable: true }) subject!: string | null;
  @Column('jsonb') payload!: JsonObject | JsonObject[];
  @Column('timestamptz', { name: 'available_at' }) availableAt!: Date;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('jsonb', { nullable: true }) headers!: Record<string, string> | null;
}

/** A process of the house and its heartbeat. */
@Entity({ schema: 'engine', name: 'service' })
export class ServiceProcess {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') name!: string;
  @Column('text') host!: string;
  @Column('int') pid!: number;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  @Column('timestamptz', { name: 'beat_at' }) beatAt!: Date;
  @Column('timestamptz', { name: 'stopped_at', nullable: true }) stoppedAt!: Date | null;
  @Column('jsonb') detail!: JsonObject;
}

/** A message that nobody could work on. */
@Entity({ schema: 'engine', name: 'dead_letter' })
export class DeadLetter {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') service!: string;
  @Column('text') subject!: string;
  @Column('text', { name: 'message_id', nullable: true }) messageId!: string | null;
  @Column('bytea') payload!: Buffer;
  @Column('jsonb') headers!: Record<string, string>;
  @Column('text') reason!: string;
  @Column('text', { nullable: true }) error!: string | null;
  @Column('int') deliveries!: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'redriven_at', nullable: true }) redrivenAt!: Date | null;
  @Column('timestamptz', { name: 'discarded_at', nullable: true }) discardedAt!: Date | null;
  @Column('int', { name: 'redriven_times' }) redrivenTimes!: number;
  @Column('text', { name: 'handled_by', nullable: true }) handledBy!: string | null;
  /** Of a notice that failed for good; its payload is the notice. */
  @Column('uuid', { name: 'notice_id', nullable: true }) noticeId!: string | null;
}

/** One episode of something that an operator is told about: open until it is over. */
@Entity({ schema: 'engine', name: 'alert' })
export class Alert {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') kind!: AlertKind;
  @Column('text') subject!: string;
  @Column('text', { nullable: true }) pipeline!: string | null;
  @Column('text', { nullable: true }) scope!: string | null;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('jsonb') detail!: JsonObject;
  @Column('int') told!: number;
  @Column('timestamptz', { name: 'seen_through', nullable: true }) seenThrough!: Date | null;
  @Column('timestamptz', { name: 'opened_at' }) openedAt!: Date;
  @Column('timestamptz', { name: 'closed_at', nullable: true }) closedAt!: Date | null;
  @Column('text', { name: 'closed_because', nullable: true }) closedBecause!: string | null;
}

/** What a key may do; of the key itself only a hash. */
@Entity({ schema: 'engine', name: 'api_key' })
export class ApiKey {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') name!: string;
  @Column('text') hash!: string;
  @Column('text', { array: true }) rights!: Right[];
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
}

/** Something that a person or channel is to be told. */
@Entity({ schema: 'notices', name: 'notice' })
export class Notice {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') channel!: Channel;
  @Column('text') recipient!: string;
  @Column('text', { name: 'message_type' }) messageType!: string;
  @Column('jsonb') content!: JsonObject;
  @Column('text', { name: 'dedupe_key' }) dedupeKey!: string;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('text') status!: NoticeStatus;
  @Column('int') attempts!: number;
  @Column('bigint') fence!: string;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column('text', { nullable: true }) text!: string | null;
  @Column('text', { name: 'provider_message_id', nullable: true }) providerMessageId!: string | null;
  @Column('text', { nullable: true }) error!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'sent_at', nullable: true }) sentAt!: Date | null;
  @Column('boolean') urgent!: boolean;
  @Column('timestamptz', { name: 'retry_at', nullable: true }) retryAt!: Date | null;
  @Column('boolean', { name: 'possibly_repeated' }) possiblyRepeated!: boolean;
  @Column('uuid', { name: 'digest_id', nullable: true }) digestId!: string | null;
  @Column('int', { name: 'redriven_times' }) redrivenTimes!: number;
  @Column('text', { nullable: true }) trace!: string | null;
}

/** An address on a channel: when it may be written to next, and whether anybody is there. */
@Entity({ schema: 'notices', name: 'mailbox' })
export class Mailbox {
  @PrimaryColumn('text') channel!: Channel;
  @PrimaryColumn('text') address!: string;
  @Column('timestamptz', { name: 'free_at' }) freeAt!: Date;
  @Column('timestamptz', { array: true }) recent!: Date[];
  @Column('timestamptz', { name: 'closed_at', nullable: true }) closedAt!: Date | null;
  @Column('text', { name: 'closed_because', nullable: true }) closedBecause!: string | null;
}

/** From when on a channel has room for one more message. */
@Entity({ schema: 'notices', name: 'pace' })
export class Pace {
  @PrimaryColumn('text') channel!: Channel;
  @Column('timestamptz', { name: 'next_at' }) nextAt!: Date;
}

/** Where a recipient is reached on a channel. */
@Entity({ schema: 'notices', name: 'address' })
export class Address {
  @PrimaryColumn('text') recipient!: string;
  @PrimaryColumn('text') channel!: Channel;
  @Column('text') address!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('int', { name: 'digest_from', nullable: true }) digestFrom!: number | null;
}

/** What one model was paid by one run on one UTC day. */
@Entity({ schema: 'engine', name: 'model_spend' })
export class ModelSpend {
  @PrimaryColumn('text') pipeline!: string;
  @PrimaryColumn('date') day!: string;
  /** All zeros: outside of any run, such as at a front door. */
  @PrimaryColumn('uuid', { name: 'run_id' }) runId!: string;
  /** The kind of work, in the pipeline's words. */
  @PrimaryColumn('text') purpose!: string;
  @PrimaryColumn('text') provider!: string;
  @PrimaryColumn('text') model!: string;
  @Column('bigint') calls!: string;
  @Column('bigint', { name: 'input_tokens' }) inputTokens!: string;
  @Column('bigint', { name: 'output_tokens' }) outputTokens!: string;
  /** Decimal text: money is never a binary fraction. */
  @Column('numeric', { name: 'cost_usd' }) costUsd!: string;
  /** Calls to models without a price, which the cost leaves out. */
  @Column('bigint', { name: 'unpriced_calls' }) unpricedCalls!: string;
}

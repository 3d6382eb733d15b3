/** The rows of people and of what they noted. The migration is the schema; these classes only say which column is which field. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

export type MemoryStatus = 'confirmed' | 'pending';
export type TagStatus = 'suggested' | 'confirmed';

@Entity({ schema: 'memory', name: 'person' })
export class Person {
  /** Of somebody on Telegram their number there. */
  @PrimaryColumn('text') id!: string;
  @Column('text', { name: 'display_name' }) displayName!: string;
  @Column('boolean', { name: 'is_allowed' }) isAllowed!: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity({ schema: 'memory', name: 'setting' })
export class PersonSetting {
  @PrimaryColumn('text', { name: 'user_id' }) userId!: string;
  @Column('text', { name: 'time_zone' }) timeZone!: string;
  @Column('text') language!: string;
  /** Local times of the day, "22:00"; both or none. */
  @Column('text', { name: 'quiet_from', nullable: true }) quietFrom!: string | null;
  @Column('text', { name: 'quiet_to', nullable: true }) quietTo!: string | null;
  /** How long before an event its reminder rings. */
  @Column('int', { name: 'event_lead_minutes' }) eventLeadMinutes!: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

/** What a person's own programs sign in with; of the key itself only a hash. */
@Entity({ schema: 'memory', name: 'access_key' })
export class AccessKey {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { name: 'user_id' }) userId!: string;
  @Column('text') hash!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
}

@Entity({ schema: 'memory', name: 'memory' })
export class MemoryRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { name: 'owner_id' }) ownerId!: string;
  @Column('text', { name: 'source_chat_id', nullable: true }) sourceChatId!: string | null;
  @Column('text', { name: 'source_message_id', nullable: true }) sourceMessageId!: string | null;
  @Column('text', { nullable: true }) content!: string | null;
  @Column('text', { name: 'media_type', nullable: true }) mediaType!: 'image' | null;
  @Column('text', { name: 'media_file_id', nullable: true }) mediaFileId!: string | null;
  /** Below the media root; never absolute. */
  @Column('text', { name: 'media_path', nullable: true }) mediaPath!: string | null;
  @Column('text') status!: MemoryStatus;
  @Column('timestamptz', { name: 'pending_expires_at', nullable: true }) pendingExpiresAt!: Date | null;
  @Column('boolean', { name: 'is_pinned' }) isPinned!: boolean;
  @Column('text', { name: 'tag_words' }) tagWords!: string;
  @Column({ type: 'text', insert: false, update: false, select: false }) words!: string;
  @Column({ type: 'tsvector', insert: false, update: false, select: false }) search!: string;
  @Column('timestamptz', { name: 'expiry_due_at', nullable: true }) expiryDueAt!: Date | null;
  @Column('int', { name: 'expiry_tries' }) expiryTries!: number;
  @Column('text', { name: 'expiry_error', nullable: true }) expiryError!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

@Entity({ schema: 'memory', name: 'tag' })
export class MemoryTag {
  @PrimaryColumn('uuid', { name: 'memory_id' }) memoryId!: string;
  @PrimaryColumn('text') tag!: string;
  @Column('text') status!: TagStatus;
  @Column('timestamptz', { name: 'suggested_at', nullable: true }) suggestedAt!: Date | null;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt!: Date | null;
}

@Entity({ schema: 'memory', name: 'tombstone' })
export class Tombstone {
  @PrimaryColumn('text') path!: string;
  @Column('text', { name: 'owner_id' }) ownerId!: string;
  @Column('uuid', { name: 'memory_id' }) memoryId!: string;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('int') tries!: number;
  @Column('text', { nullable: true }) error!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

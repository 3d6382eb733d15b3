/** The rows of people and what they sent. The migration is the schema; these classes only say which column is which field. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

export type Locale = 'en' | 'fa';
export type Language = Locale | 'other';
export type SubmissionStatus = 'pending' | 'canonicalized' | 'processed' | 'rejected' | 'quarantined' | 'withdrawn';
export type Stance = 'support' | 'oppose' | 'neutral' | 'unclear';

@Entity({ schema: 'deliberation', name: 'account' })
export class Account {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  /** Opaque to us: what the operator calls this person. */
  @Column({ type: 'varchar' }) ref!: string;
  @Column({ type: 'text' }) locale!: Locale;
  @Column({ type: 'boolean', name: 'email_verified' }) emailVerified!: boolean;
  @Column({ type: 'boolean', name: 'messaging_verified' }) messagingVerified!: boolean;
  /** When messaging was linked; null until then. */
  @Column({ type: 'timestamptz', name: 'linked_at', nullable: true }) linkedAt!: Date | null;
  @Column({ type: 'int', name: 'contribution_count' }) contributionCount!: number;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'last_active_at' }) lastActiveAt!: Date;
  /** Who the person is to the bot. */
  @Column({ type: 'uuid', name: 'chat_ref', nullable: true }) chatRef!: string | null;
  /** When the person had its links deleted. */
  @Column({ type: 'timestamptz', name: 'erased_at', nullable: true }) erasedAt!: Date | null;
}

@Entity({ schema: 'deliberation', name: 'submission' })
export class Submission {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'account_id' }) accountId!: string;
  @Column({ type: 'varchar', name: 'external_id', nullable: true }) externalId!: string | null;
  @Column({ type: 'text', name: 'raw_text' }) rawText!: string;
  @Column({ type: 'char', name: 'text_hash' }) textHash!: string;
  @Column({ type: 'text' }) language!: Language;
  @Column({ type: 'text' }) status!: SubmissionStatus;
  @Column({ type: 'text', name: 'reason_code', nullable: true }) reasonCode!: string | null;
  /** For the submitter, in the language of the text. */
  @Column({ type: 'text', name: 'rejection_reason', nullable: true }) rejectionReason!: string | null;
  /** Canonicalizations that failed. */
  @Column({ type: 'int' }) attempts!: number;
  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true }) nextAttemptAt!: Date | null;
  @Column({ type: 'boolean' }) imported!: boolean;
  @Column({ type: 'timestamptz', name: 'submitted_at' }) submittedAt!: Date;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'processed_at', nullable: true }) processedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'quarantined_until', nullable: true }) quarantinedUntil!: Date | null;
}

@Entity({ schema: 'deliberation', name: 'intake_attempt' })
export class IntakeAttempt {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'account_id' }) accountId!: string;
  @Column({ type: 'text' }) reason!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
}

@Entity({ schema: 'deliberation', name: 'candidate' })
export class Candidate {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'submission_id' }) submissionId!: string;
  /** 0-based; a submission of several concerns has several candidates. */
  @Column({ type: 'int' }) position!: number;
  @Column({ type: 'varchar', length: 255 }) title!: string;
  @Column({ type: 'text' }) summary!: string;
  @Column({ type: 'text' }) stance!: Stance;
  @Column({ type: 'text' }) language!: Language;
  @Column({ type: 'jsonb' }) entities!: string[];
  @Column({ type: 'jsonb', name: 'topic_words' }) topicWords!: string[];
  @Column({ type: 'real' }) confidence!: number;
  @Column({ type: 'jsonb', name: 'ambiguity_flags' }) ambiguityFlags!: string[];
  @Column({ type: 'text' }) provider!: string;
  @Column({ type: 'text', name: 'model_version' }) modelVersion!: string;
  @Column({ type: 'text', name: 'prompt_version' }) promptVersion!: string;
  /** Float32 little-endian; null until it is embedded. */
  @Column({ type: 'bytea', nullable: true }) embedding!: Buffer | null;
  @Column({ type: 'text', name: 'embedding_model', nullable: true }) embeddingModel!: string | null;
  @Column({ type: 'int', name: 'embedding_dimensions', nullable: true }) embeddingDimensions!: number | null;
  @Column({ type: 'timestamptz', name: 'archived_at', nullable: true }) archivedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}

/** The rows of evidence. Hashes and links are computed by the evidence library; here they only rest. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Postgres hands bigint over as text; positions stay far below 2^53. */
const position = { to: (value: number | null) => value, from: (value: string | null) => (value === null ? null : Number(value)) };

@Entity({ schema: 'deliberation', name: 'evidence' })
export class Evidence {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  /** Milliseconds and no finer, so that what is stored is what is hashed. */
  @Column({ type: 'timestamptz', precision: 3, name: 'recorded_at' }) recordedAt!: Date;
  @Column({ type: 'text', name: 'event_type' }) eventType!: string;
  @Column({ type: 'text', name: 'entity_type' }) entityType!: string;
  @Column({ type: 'text', name: 'entity_id' }) entityId!: string;
  @Column({ type: 'jsonb' }) payload!: object;
  /** Its place in the chain; null until it is sealed, as are the next three. */
  @Column({ type: 'bigint', nullable: true, transformer: position }) seq!: number | null;
  @Column({ type: 'text', name: 'prev_hash', nullable: true }) prevHash!: string | null;
  @Column({ type: 'char', nullable: true }) hash!: string | null;
  @Column({ type: 'timestamptz', name: 'sealed_at', nullable: true }) sealedAt!: Date | null;
}

@Entity({ schema: 'deliberation', name: 'evidence_private' })
export class EvidencePrivate {
  @PrimaryColumn({ type: 'uuid', name: 'evidence_id' }) evidenceId!: string;
  @PrimaryColumn({ type: 'text' }) field!: string;
  @Column({ type: 'char' }) salt!: string;
  @Column({ type: 'text' }) value!: string;
}

@Entity({ schema: 'deliberation', name: 'evidence_root' })
export class EvidenceRoot {
  /** UTC day, YYYY-MM-DD. */
  @PrimaryColumn({ type: 'date' }) day!: string;
  @Column({ type: 'char' }) root!: string;
  @Column({ type: 'int', name: 'entry_count' }) entryCount!: number;
  @Column({ type: 'bigint', name: 'first_seq', transformer: position }) firstSeq!: number;
  @Column({ type: 'bigint', name: 'last_seq', transformer: position }) lastSeq!: number;
  @Column({ type: 'char', name: 'head_hash' }) headHash!: string;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}

@Entity({ schema: 'deliberation', name: 'root_publication' })
export class RootPublicationRow {
  @PrimaryColumn({ type: 'date' }) day!: string;
  /** Where it is told, as the settings name it; never with a key in it. */
  @PrimaryColumn({ type: 'text' }) witness!: string;
  @Column({ type: 'int' }) attempts!: number;
  /** Null once it is published. */
  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true }) nextAttemptAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'published_at', nullable: true }) publishedAt!: Date | null;
  /** What the witness answered, so that it can be asked about it. */
  @Column({ type: 'text', nullable: true }) receipt!: string | null;
  @Column({ type: 'text', name: 'last_error', nullable: true }) lastError!: string | null;
}

/** The rows of people who take part by themselves: addresses, secrets, attempts, disputes; and who was in which cluster. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'deliberation', name: 'cluster_membership' })
export class ClusterMembership {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @Column({ type: 'uuid', name: 'candidate_id' }) candidateId!: string;
  @Column({ type: 'uuid', name: 'joined_run_id' }) joinedRunId!: string;
  @Column({ type: 'timestamptz', name: 'joined_at' }) joinedAt!: Date;
  @Column({ type: 'uuid', name: 'left_run_id', nullable: true }) leftRunId!: string | null;
  @Column({ type: 'timestamptz', name: 'left_at', nullable: true }) leftAt!: Date | null;
  @Column({ type: 'text', name: 'left_because', nullable: true }) leftBecause!: 'regrouped' | 'withdrawn' | 'disputed' | null;
}

@Entity({ schema: 'deliberation', name: 'cluster_exclusion' })
export class ClusterExclusion {
  @PrimaryColumn({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'candidate_id' }) candidateId!: string;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}

@Entity({ schema: 'deliberation', name: 'email_link' })
export class EmailLink {
  @PrimaryColumn({ type: 'uuid', name: 'account_id' }) accountId!: string;
  @Column({ type: 'varchar' }) email!: string;
  @Column({ type: 'timestamptz', name: 'verified_at' }) verifiedAt!: Date;
}

/** A sign-in link, a linking code or a session: the hash of what only its holder knows. */
@Entity({ schema: 'deliberation', name: 'secret' })
export class Secret {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) kind!: 'magic_link' | 'linking_code' | 'session';
  @Column({ type: 'char' }) hash!: string;
  @Column({ type: 'uuid', name: 'account_id', nullable: true }) accountId!: string | null;
  @Column({ type: 'varchar', nullable: true }) email!: string | null;
  @Column({ type: 'text' }) locale!: string;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'expires_at' }) expiresAt!: Date;
  @Column({ type: 'timestamptz', name: 'used_at', nullable: true }) usedAt!: Date | null;
}

@Entity({ schema: 'deliberation', name: 'signup_attempt' })
export class SignupAttempt {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'varchar', name: 'requester_ip' }) requesterIp!: string;
  @Column({ type: 'varchar', name: 'email_domain' }) emailDomain!: string;
  @Column({ type: 'boolean' }) flagged!: boolean;
  @Column({ type: 'timestamptz' }) at!: Date;
}

@Entity({ schema: 'deliberation', name: 'failed_code' })
export class FailedCode {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) subject!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
}

export type DisputeKind = 'misunderstood' | 'wrong_group' | 'not_one_concern' | 'misleading_title';

@Entity({ schema: 'deliberation', name: 'dispute' })
export class Dispute {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'account_id' }) accountId!: string;
  @Column({ type: 'text' }) kind!: DisputeKind;
  @Column({ type: 'uuid', name: 'submission_id', nullable: true }) submissionId!: string | null;
  @Column({ type: 'uuid', name: 'cluster_id', nullable: true }) clusterId!: string | null;
  @Column({ type: 'text', nullable: true }) note!: string | null;
  @Column({ type: 'text' }) status!: 'open' | 'upheld' | 'refused';
  @Column({ type: 'jsonb', nullable: true }) finding!: object | null;
  @Column({ type: 'timestamptz', name: 'opened_at' }) openedAt!: Date;
  @Column({ type: 'timestamptz', name: 'resolved_at', nullable: true }) resolvedAt!: Date | null;
}

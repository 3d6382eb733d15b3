/** The rows of support and voting. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One choice of one voter. Keys are those of the public export. */
export type Selection = { cluster_id: string; option_id: string };

@Entity({ schema: 'deliberation', name: 'endorsement' })
export class Endorsement {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'account_id' }) accountId!: string;
  @Column({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}

@Entity({ schema: 'deliberation', name: 'voting_cycle' })
export class VotingCycle {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'timestamptz', name: 'started_at' }) startedAt!: Date;
  @Column({ type: 'timestamptz', name: 'ends_at' }) endsAt!: Date;
  @Column({ type: 'text' }) status!: 'active' | 'tallied';
  @Column({ type: 'jsonb', nullable: true }) results!: object | null;
  /** People, not votes. */
  @Column({ type: 'int', name: 'total_voters' }) totalVoters!: number;
  @Column({ type: 'uuid', name: 'opened_run_id' }) openedRunId!: string;
  @Column({ type: 'uuid', name: 'tallied_run_id', nullable: true }) talliedRunId!: string | null;
}

@Entity({ schema: 'deliberation', name: 'ballot_item' })
export class BallotItem {
  @PrimaryColumn({ type: 'uuid', name: 'cycle_id' }) cycleId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @Column({ type: 'int' }) position!: number;
}

@Entity({ schema: 'deliberation', name: 'ballot_option' })
export class BallotOption {
  @PrimaryColumn({ type: 'uuid', name: 'cycle_id' }) cycleId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'option_id' }) optionId!: string;
  @Column({ type: 'int' }) position!: number;
}

@Entity({ schema: 'deliberation', name: 'vote' })
export class Vote {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'account_id' }) accountId!: string;
  @Column({ type: 'uuid', name: 'cycle_id' }) cycleId!: string;
  @Column({ type: 'jsonb' }) selections!: Selection[];
  /** What the sender calls this request: repeating it is no second vote. */
  @Column({ type: 'text', name: 'request_key', nullable: true }) requestKey!: string | null;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}

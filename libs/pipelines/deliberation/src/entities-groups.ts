/** The rows of groups: clusters that persist, their members, every run's raw result, the history of identity, and the options of each. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A text in the languages it exists in; English always. */
export type Localized = { en: string; fa?: string };

/** Dormant: no group of a run continued it; it keeps its endorsements, and is open again when a later run finds it. */
export type ClusterStatus = 'open' | 'dormant' | 'archived';
export type ClusterChangeKind = 'birth' | 'match' | 'split' | 'merge' | 'death' | 'sleep' | 'wake';

@Entity({ schema: 'deliberation', name: 'cluster' })
export class Cluster {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) status!: ClusterStatus;
  /** Its members' vectors are all of this model. */
  @Column({ type: 'text', name: 'embedding_model' }) embeddingModel!: string;
  @Column({ type: 'jsonb' }) title!: Localized;
  @Column({ type: 'jsonb' }) summary!: Localized;
  /** The stance-neutral ballot question; null until summarised. */
  @Column({ type: 'jsonb', nullable: true }) question!: Localized | null;
  @Column({ type: 'jsonb' }) keywords!: string[];
  @Column({ type: 'int', name: 'member_count' }) memberCount!: number;
  /** Float32 little-endian. */
  @Column({ type: 'bytea' }) centroid!: Buffer;
  @Column({ type: 'real' }) cohesion!: number;
  @Column({ type: 'real' }) persistence!: number;
  @Column({ type: 'real', nullable: true }) stability!: number | null;
  @Column({ type: 'boolean' }) unstable!: boolean;
  @Column({ type: 'boolean', name: 'needs_resummarize' }) needsResummarize!: boolean;
  @Column({ type: 'int', name: 'last_summarized_count' }) lastSummarizedCount!: number;
  @Column({ type: 'text', nullable: true }) provider!: string | null;
  @Column({ type: 'text', name: 'model_version', nullable: true }) modelVersion!: string | null;
  /** Of the template that the summary was asked with; `none` without a model, null before versions were kept. */
  @Column({ type: 'text', name: 'prompt_version', nullable: true }) promptVersion!: string | null;
  @Column({ type: 'uuid', name: 'created_run_id' }) createdRunId!: string;
  @Column({ type: 'uuid', name: 'updated_run_id' }) updatedRunId!: string;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'archived_at', nullable: true }) archivedAt!: Date | null;
  /** The run that it fell asleep in, and when; null unless it sleeps. */
  @Column({ type: 'uuid', name: 'dormant_run_id', nullable: true }) dormantRunId!: string | null;
  @Column({ type: 'timestamptz', name: 'dormant_at', nullable: true }) dormantAt!: Date | null;
}

@Entity({ schema: 'deliberation', name: 'cluster_member' })
export class ClusterMember {
  @PrimaryColumn({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'candidate_id' }) candidateId!: string;
  @Column({ type: 'real' }) probability!: number;
}

@Entity({ schema: 'deliberation', name: 'clustering_run' })
export class ClusteringRun {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  /** The engine's run. */
  @Column({ type: 'uuid', name: 'run_id' }) runId!: string;
  @Column({ type: 'text', name: 'embedding_model' }) embeddingModel!: string;
  @Column({ type: 'jsonb' }) parameters!: object;
  @Column({ type: 'jsonb' }) reduction!: object;
  @Column({ type: 'int', name: 'candidate_count' }) candidateCount!: number;
  @Column({ type: 'int', name: 'cluster_count' }) clusterCount!: number;
  @Column({ type: 'int', name: 'noise_count' }) noiseCount!: number;
  /** Total weight of the minimum spanning tree. */
  @Column({ type: 'double precision', name: 'mst_total' }) mstTotal!: number;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}

@Entity({ schema: 'deliberation', name: 'clustering_assignment' })
export class ClusteringAssignment {
  @PrimaryColumn({ type: 'uuid', name: 'clustering_run_id' }) clusteringRunId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'candidate_id' }) candidateId!: string;
  /** −1 is noise. */
  @Column({ type: 'int' }) label!: number;
  @Column({ type: 'real' }) probability!: number;
  @Column({ type: 'real', name: 'outlier_score' }) outlierScore!: number;
  @Column({ type: 'uuid', name: 'cluster_id', nullable: true }) clusterId!: string | null;
}

@Entity({ schema: 'deliberation', name: 'cluster_change' })
export class ClusterChange {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'run_id' }) runId!: string;
  @Column({ type: 'text' }) kind!: ClusterChangeKind;
  @Column({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  @Column({ type: 'uuid', name: 'other_cluster_id', nullable: true }) otherClusterId!: string | null;
  @Column({ type: 'real', nullable: true }) jaccard!: number | null;
  @Column({ type: 'int' }) joined!: number;
  @Column({ type: 'int', name: 'left_count' }) leftCount!: number;
  @Column({ type: 'timestamptz' }) at!: Date;
}

@Entity({ schema: 'deliberation', name: 'policy_option' })
export class PolicyOption {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'cluster_id' }) clusterId!: string;
  /** Counts up with every regeneration; ballots keep the generation they opened with. */
  @Column({ type: 'int' }) generation!: number;
  /** 1-based. */
  @Column({ type: 'int' }) position!: number;
  @Column({ type: 'jsonb' }) label!: Localized;
  @Column({ type: 'jsonb' }) description!: Localized;
  @Column({ type: 'text' }) provider!: string;
  @Column({ type: 'text', name: 'model_version' }) modelVersion!: string;
  @Column({ type: 'text', name: 'prompt_version', nullable: true }) promptVersion!: string | null;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'superseded_at', nullable: true }) supersededAt!: Date | null;
}

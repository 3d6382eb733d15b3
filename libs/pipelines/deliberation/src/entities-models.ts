/** What was handed in at a model's server together, for one step of one run. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'deliberation', name: 'model_batch' })
export class ModelBatch {
  @PrimaryColumn({ type: 'uuid', name: 'run_id' }) runId!: string;
  @PrimaryColumn({ type: 'text' }) step!: string;
  /** Null until the server has said what it calls it. */
  @Column({ type: 'text', name: 'provider_id', nullable: true }) providerId!: string | null;
  @Column({ type: 'timestamptz', name: 'handed_in_at' }) handedInAt!: Date;
  @Column({ type: 'timestamptz', name: 'over_at', nullable: true }) overAt!: Date | null;
  /** In words. */
  @Column({ type: 'text', nullable: true }) outcome!: string | null;
  /** Completions by what they are about. */
  @Column({ type: 'jsonb' }) answers!: object;
}

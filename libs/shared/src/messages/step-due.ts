import { IsInt, IsString, IsUUID, Min } from 'class-validator';
import type { MessageKind } from '../message.js';

/**
 * A step is due. Sent by the relay of whichever service committed the step's row; handled by the service that owns the step.
 * A duplicate finds its row already claimed or settled and does nothing.
 */
export class StepDue {
  static readonly subject = 'step.*.*';
  static readonly kind: MessageKind = 'work';

  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  @IsString() pipeline!: string;
  @IsString() step!: string;
  @IsInt() @Min(1) attempt!: number;
}

import { IsISO8601, IsOptional, IsString, IsUUID } from 'class-validator';
import type { MessageKind } from '../message.js';

/** A schedule fell due and a run was created for it. Sent by scheduler; for anyone who wants to know. A duplicate repeats a known `runId`. */
export class Tick {
  static readonly subject = 'tick.*';
  static readonly kind: MessageKind = 'fact';

  @IsUUID() runId!: string;
  @IsString() pipeline!: string;
  @IsString() scope!: string;
  @IsOptional() @IsUUID() scheduleId?: string;
  /** The instant that was owed, ISO 8601 UTC. */
  @IsISO8601() scheduledFor!: string;
}

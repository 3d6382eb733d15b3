import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import type { MessageKind } from '../message.js';

export const DEAD_LETTER_STATES = ['open', 'redriven', 'discarded', 'all'] as const;

/** "Which messages could nobody handle, and which notices failed for good?" Sent by anyone; handled by scheduler with a list, newest first. Asking twice changes nothing. */
export class DeadLettersList {
  static readonly subject = 'scheduler.dead-letters.list';
  static readonly kind: MessageKind = 'request';

  /** `open` unless told. */
  @IsOptional() @IsIn(DEAD_LETTER_STATES) state?: (typeof DEAD_LETTER_STATES)[number];
  @IsOptional() @IsString() @MaxLength(50) reason?: string;
  @IsOptional() @IsInt() @Min(1) @Max(1_000) limit?: number;
}

/** "What was in it?" Sent by anyone; handled by scheduler with the letter, its headers and its payload. Asking twice changes nothing. */
export class DeadLetterShow {
  static readonly subject = 'scheduler.dead-letters.show';
  static readonly kind: MessageKind = 'request';

  @IsUUID() id!: string;
}

/** Either ids, or all that are open. */
abstract class ChosenDeadLetters {
  static readonly kind: MessageKind = 'command';

  @IsOptional() @IsArray() @ArrayNotEmpty() @ArrayMaxSize(1_000) @IsUUID(undefined, { each: true }) ids?: string[];
  @IsOptional() @IsIn([true]) all?: true;
  /** With `all`: only those given up for this reason. */
  @IsOptional() @IsString() @MaxLength(50) reason?: string;
  /** Also those that were handled before. */
  @IsOptional() @IsBoolean() again?: boolean;
}

/** "Try these again." Sent by an operator; handled by scheduler, which promises the original messages anew. A duplicate finds them re-driven. */
export class DeadLettersRedrive extends ChosenDeadLetters {
  static readonly subject = 'scheduler.dead-letters.redrive';
}

/** "These are done with." Sent by an operator; handled by scheduler. A duplicate finds them discarded. */
export class DeadLettersDiscard extends ChosenDeadLetters {
  static readonly subject = 'scheduler.dead-letters.discard';
}

// `@Type` looks for it as soon as it is read, also in programs that load no Nest.
import 'reflect-metadata';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, ValidateNested } from 'class-validator';
import type { MessageKind } from '../message.js';
import { RunReply, RunRequest } from './run.js';

/** More are asked for by more messages. */
export const MOST_RUNS_A_MESSAGE = 1_000;

/**
 * "Run it now, for each of these." Sent by anyone who asks for many; handled by scheduler, which replies with a `RunManyReply`. Each run is made as by a `RunRequest` of its own: when
 * the answer is an error, some may be there, and those with a `dedupeKey` can be asked for again.
 */
export class RunRequestMany {
  static readonly subject = 'run.*.requestMany';
  static readonly kind: MessageKind = 'command';

  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(MOST_RUNS_A_MESSAGE) @ValidateNested({ each: true }) @Type(() => RunRequest) runs!: RunRequest[];
}

/** What scheduler answers to a `RunRequestMany`, in the order of the requests. */
export class RunManyReply {
  @ValidateNested({ each: true }) @Type(() => RunReply) runs!: RunReply[];
}

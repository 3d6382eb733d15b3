import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import type { MessageKind } from '../message.js';

/** The longest text that a submission may have, in UTF-16 code units. */
export const MAX_SUBMISSION_LENGTH = 10_000;

/**
 * One free-text concern. Sent by a client that holds an API key; handled by intake exactly as `POST /deliberation/submissions`, with a
 * `SubmissionReply`. A repeated `externalId` of the same author answers the submission stored before, with status `duplicate`.
 */
export class SubmissionSubmit {
  static readonly subject = 'intake.submission.submit';
  static readonly kind: MessageKind = 'request';

  /** The submitter's opaque account reference, as registered. */
  @IsString() @IsNotEmpty() @MaxLength(64) author!: string;
  @IsString() @IsNotEmpty() @MaxLength(MAX_SUBMISSION_LENGTH) text!: string;
  /** BCP 47; detected from the text when absent. Decides the language of the answer. */
  @IsOptional() @IsIn(['en', 'fa']) language?: 'en' | 'fa';
  /** The sender's own id of this submission; makes sending it again harmless. */
  @IsOptional() @IsString() @IsNotEmpty() @MaxLength(200) externalId?: string;
  /** Unix milliseconds; honoured only for a key that may import, otherwise the time of arrival counts. */
  @IsOptional() @IsInt() @Min(0) submittedAt?: number;
}

export const SUBMISSION_OUTCOMES = ['accepted', 'quarantined', 'pending', 'rejected', 'duplicate', 'not_eligible', 'daily_limit', 'pii_redact_and_resend'] as const;
export type SubmissionOutcome = (typeof SUBMISSION_OUTCOMES)[number];

/** What intake answers. `message` is for the submitter, in the language of the text. */
export class SubmissionReply {
  @IsIn(SUBMISSION_OUTCOMES) outcome!: SubmissionOutcome;
  @IsOptional() @IsString() submissionId?: string;
  @IsString() message!: string;
}

/** Every interval and limit of the memory pipeline, with its documented default. Read once at boot; nothing else reads the environment. */
import { Setting } from '@carillon/settings';
import { IsInt, IsNotEmpty, IsNumber, IsString, Max, Min } from 'class-validator';

/** Durations are in the unit that the name ends with. */
export class MemorySettings {
  @Setting('MEMORY_TICK_SECONDS', 'How often it is looked at all the same whether something is due; what is known to fall due is looked at then.') @IsNumber() @Min(0.1) @Max(3_600) memoryTickSeconds = 30;
  @Setting('MEMORY_FIRE_BATCH', 'Reminders fired in one transaction.') @IsInt() @Min(1) @Max(10_000) memoryFireBatch = 1_000;
  @Setting('MEMORY_SKIP_GRACE_SECONDS', 'With the policy "skip", a reminder that is later than this is not told.') @IsNumber() @Min(0) memorySkipGraceSeconds = 300;
  @Setting('MEMORY_PENDING_DAYS', 'An image that nobody confirmed is removed after this.') @IsNumber() @Min(0.001) memoryPendingDays = 7;
  @Setting('MEMORY_SUGGESTED_TAG_DAYS', 'A suggested tag that nobody confirmed is removed after this.') @IsNumber() @Min(0.001) memorySuggestedTagDays = 7;
  @Setting('MEMORY_REPROMPT_HOURS', 'An event that nobody confirmed is asked for again after this; twice as long each further time.') @IsNumber() @Min(0.001) memoryRepromptHours = 24;
  @Setting('MEMORY_REPROMPT_MAX', 'How often an event is asked for again.') @IsInt() @Min(0) @Max(20) memoryRepromptMax = 3;
  @Setting('MEMORY_AUDIT_DAYS', 'The audit log is kept for so long; 0 keeps everything.') @IsInt() @Min(0) memoryAuditDays = 365;
  @Setting('MEMORY_MEDIA_ROOT', 'The folder in which images are kept, of intake, scheduler and notifier alike.') @IsString() @IsNotEmpty() memoryMediaRoot = '.carillon/media';
  @Setting('MEMORY_IMAGE_MAX_BYTES', 'The largest image that is taken.') @IsInt() @Min(1_024) memoryImageMaxBytes = 10 * 1024 * 1024;
}

/** The typed contracts of every message: one file per message family, nothing else. */
export { subjectOf } from './message.js';
export type { MessageKind, MessageType } from './message.js';
export { Tick } from './messages/tick.js';
export { StepDue } from './messages/step-due.js';
export { MOST_RUNS_A_MESSAGE, RunManyReply, RunRequestMany } from './messages/run-request-many.js';
export { RUN_STATUSES, RunCancel, RunFinished, RunReply, RunRequest, RunResume } from './messages/run.js';
export type { RunStatus } from './messages/run.js';
export {
  ScheduleBackfill, ScheduleChanged, ScheduleCreate, ScheduleDefinition, ScheduleDelete, ScheduleEdit, ScheduleList, ScheduleName, SchedulePause, ScheduleResume, ScheduleRun, ScheduleShow,
} from './messages/schedule.js';
export { NotifyEmail, NotifySlack, NotifyTelegram } from './messages/notify.js';
export { EventSubmit, MemorySearch, MemorySubmit, ReminderSubmit, TaskSubmit } from './messages/memory-intake.js';
export { MEMORY_INTENTS } from './messages/memory-notices.js';
export type {
  EventConfirmationContent, EventRepromptContent, FollowupContent, ImageTagContent, IntentContent, LlmExpiryContent, LlmFailureContent, LlmHealthContent, MemoryIntent, MemoryNotices, MemoryNoticeType, ReminderContent,
  TaskMatchContent, TokenButton,
} from './messages/memory-notices.js';
export { BackupReply, BackupRequest, BackupStatus } from './messages/backup.js';
export { MAX_SUBMISSION_LENGTH, SUBMISSION_OUTCOMES, SubmissionReply, SubmissionSubmit } from './messages/submission.js';
export type { SubmissionOutcome } from './messages/submission.js';
export { WORK_OUTCOMES, WorkBeat, WorkBeatReply, WorkClaim, WorkClaimReply, WorkDue, WorkKeep, WorkKeepReply, WorkRead, WorkReadReply, WorkSettle, WorkSettleReply, WorkStep } from './messages/work.js';
export { DEAD_LETTER_STATES, DeadLetterShow, DeadLettersDiscard, DeadLettersList, DeadLettersRedrive } from './messages/dead-letters.js';

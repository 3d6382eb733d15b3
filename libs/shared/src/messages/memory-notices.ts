/**
 * What the memory pipeline puts into the `content` of its notices, by message type. Filed by the scheduler's steps and by intake, rendered by notifier. A duplicate is the same row of
 * the ledger, by its dedupe key. Instants are ISO 8601 in UTC; `time_zone` is the IANA zone in which the reader wants to see them.
 */

/** A button below a notice: what it says, and the opaque token that comes back when it is pressed. At most 64 bytes, kept in the database, good for one kind of press. */
export interface TokenButton {
  label: string;
  token: string;
}

interface Shown {
  /** IANA zone of the reader; `UTC` when absent. */
  time_zone?: string;
  /** Rows of buttons; none when absent. */
  buttons?: TokenButton[][];
}

/** `reminder`: one is due. */
export interface ReminderContent extends Shown {
  reminder_id: string;
  memory_id: string | null;
  /** The reminder's own words; null when it has none. */
  text: string | null;
  /** What the memory says; null without a memory, or for an image without a caption. */
  memory_content: string | null;
  /** Its memory is an image, which is shown. */
  image?: true;
  /** The latest occurrence that this notice tells of. */
  fire_at: string;
  /** Seconds between `fire_at` and the firing; said when it is a minute or more. */
  late_by: number;
  /** How many occurrences were owed at once, the latest included, and are told by this one notice; 0 when it tells of one. */
  missed: number;
  /** It is one of a row of missed ones that are all told (`all`), the oldest first. */
  made_up_for?: boolean;
  /** What repeats it, in words; absent when nothing does. */
  repeats?: string;
  /** When it rings next; absent when it does not. */
  next_at?: string;
  /** What its buttons carry, which are made where it is shown; no buttons when absent. */
  token?: string;
}

/** `event_reprompt`: an event still waits for an answer. */
export interface EventRepromptContent extends Shown {
  event_id: string;
  description: string;
  event_date: string;
  /** 1 for the first time that it is asked again. */
  asked: number;
  /** Nobody asks again after this one. */
  last: boolean;
}

/** `event_confirmation`: an event was found, and is to be confirmed or rejected. */
export interface EventConfirmationContent extends Shown {
  event_id: string;
  description: string;
  event_date: string;
  /** Where it was found, such as an e-mail's subject. */
  source_detail?: string;
}

/** `llm_image_tag_result`: what was seen in an image; the tags are suggestions. */
export interface ImageTagContent extends Shown {
  memory_id: string;
  description: string;
  tags: string[];
}

export const MEMORY_INTENTS = ['reminder', 'task', 'search', 'general_note', 'ambiguous'] as const;
export type MemoryIntent = (typeof MEMORY_INTENTS)[number];

/** `llm_intent_result`: what a message was taken to mean. */
export interface IntentContent extends Shown {
  query: string;
  intent: MemoryIntent;
  memory_id: string | null;
  /** `search`: what was found, at most five. */
  results: { memory_id: string; label: string }[];
  /** `reminder`, `task`: what is to be done. */
  action?: string;
  /** `reminder`, `task`: the words for the time, as they were said. */
  time?: string;
  /** `reminder`, `task`: the instant that they mean. */
  resolved_time?: string;
  /** The instant lies in the past already. */
  past?: boolean;
  suggested_tags?: string[];
  followup_question?: string;
  possible_intents?: string[];
}

/** `llm_followup_result`: a question back. */
export interface FollowupContent extends Shown {
  question: string;
}

/** `llm_task_match_result`: a note looks as if it were about a task. */
export interface TaskMatchContent extends Shown {
  task_id: string;
  task_description: string;
  memory_id: string;
}

/** `llm_failure`: a model gave no usable answer; `message` says so in words for the user. */
export interface LlmFailureContent extends Shown {
  job_type: string;
  memory_id: string | null;
  message: string;
}

/** `llm_expiry`: a model could not be reached for so long that it was given up. */
export interface LlmExpiryContent extends Shown {
  job_type: string;
  memory_id: string | null;
  original_message: string | null;
  failure_type: string;
}

/** `llm_health_change`: the models became reachable or stopped being so. */
export interface LlmHealthContent extends Shown {
  new_status: 'healthy' | 'unhealthy';
  previous_status: 'healthy' | 'unhealthy' | 'unknown';
}

/** Every message type of the memory pipeline, with its content. */
export interface MemoryNotices {
  reminder: ReminderContent;
  event_reprompt: EventRepromptContent;
  event_confirmation: EventConfirmationContent;
  llm_image_tag_result: ImageTagContent;
  llm_intent_result: IntentContent;
  llm_followup_result: FollowupContent;
  llm_task_match_result: TaskMatchContent;
  llm_failure: LlmFailureContent;
  llm_expiry: LlmExpiryContent;
  llm_health_change: LlmHealthContent;
}

export type MemoryNoticeType = keyof MemoryNotices;

import type { MessageKind } from '../message.js';

/** "Look at the schedules now." Announced by a scheduler that changed one; heard by every scheduler. A lost one costs seconds, a doubled one a look. */
export class ScheduleChanged {
  static readonly subject = 'schedule.changed';
  static readonly kind: MessageKind = 'hint';
}

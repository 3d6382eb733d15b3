/** What operators are told about, and where. One schedule may differ: see `carillon alerts policy`. */
import { IsIn, IsInt, IsNotEmpty, IsString, Max, MaxLength, Min } from 'class-validator';
import { Setting } from '@carillon/settings';
import type { AlertPolicy } from '@carillon/engine';
import type { AlertRoute, Channel } from '@carillon/persistence';

export class AlertSettings {
  @Setting('ALERT_AFTER_FAILURES', 'Failures in a row of one schedule after which operators are told; 0 never tells.')
  @IsInt()
  @Min(0)
  alertAfterFailures = 3;

  @Setting('ALERT_EVERY_FURTHER', 'Tells again at every further so many failures in a row; 0 tells once.')
  @IsInt()
  @Min(0)
  alertEveryFurther = 0;

  @Setting('ALERT_LATE_SECONDS', 'An occurrence that starts later than this after it was due is late.')
  @IsInt()
  @Min(10)
  alertLateSeconds = 300;

  @Setting('ALERT_BACKLOG_SECONDS', 'Steps of a pipeline that have been due for this long are a backlog; 0 never tells.')
  @IsInt()
  @Min(0)
  alertBacklogSeconds = 600;

  @Setting('ALERT_SILENT_SECONDS', 'The engine counts as silent after this long without a heartbeat of any scheduler, or without one looking at the schedules; 0 never tells.')
  @IsInt()
  @Min(0)
  @Max(86_400)
  alertSilentSeconds = 60;

  @Setting('ALERT_DEAD_LETTERS', 'So many open dead letters are told about; 0 never tells.')
  @IsInt()
  @Min(0)
  alertDeadLetters = 10;

  @Setting('ALERT_RECIPIENT', 'Who is told; an address for it is set with PUT /notices/addresses on the notifier.')
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  alertRecipient = 'channel:operations';

  @Setting('ALERT_CHANNEL', 'How: telegram, email or slack.')
  @IsIn(['telegram', 'email', 'slack'])
  alertChannel: string = 'telegram';
}

export function alertPolicy({ alertAfterFailures: afterFailures, alertEveryFurther: everyFurther, alertLateSeconds }: AlertSettings): AlertPolicy {
  return { afterFailures, everyFurther, lateAfterMs: alertLateSeconds * 1_000 };
}

export function alertRoute({ alertRecipient: recipient, alertChannel }: AlertSettings): AlertRoute {
  return { recipient, channel: alertChannel as Channel };
}

import { describe, expect, it } from '@jest/globals';
import { BackupStatus, NotifyTelegram, RunRequest, StepDue } from '@carillon/shared';
import { HandlersDoNotMatch } from './errors.js';
import { assertHandlers } from './handlers.js';

const event = (pattern: string) => ({ pattern, isEvent: true });
const message = (pattern: string) => ({ pattern, isEvent: false });

describe('the boot check of handlers', () => {
  it('passes when every message has exactly one handler of its kind', () => {
    expect(() => assertHandlers([event(StepDue.subject), message(RunRequest.subject)], [StepDue, RunRequest])).not.toThrow();
  });

  it('lists every missing, doubled and wrongly decorated one at once', () => {
    const handlers = [event(NotifyTelegram.subject), event(NotifyTelegram.subject), event(BackupStatus.subject)];
    expect(() => assertHandlers(handlers, [NotifyTelegram, BackupStatus, StepDue])).toThrow(
      new HandlersDoNotMatch([
        'StepDue (step.*.*) has no handler; write one with @EventPattern(StepDue.subject)',
        'notify.telegram has 2 handlers in this service; keep one',
        'BackupStatus (backup.status) is a request: use @MessagePattern(BackupStatus.subject)',
      ]),
    );
  });
});

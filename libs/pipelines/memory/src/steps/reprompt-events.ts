/** Asks again for events that nobody answered, each time later, and in the end not any more. */
import { endOfQuiet } from '@carillon/calendar';
import { done, minutes, recordError } from '@carillon/engine';
import { eventButtons } from '../rules/buttons.js';
import { nextAsking } from '../rules/reprompt.js';
import { step } from '../services.js';
import type { MemorySettings } from '../settings.js';
import { newTokens } from '../store/due-reminders.js';
import { claimStaleEvents, recordAskings, setEventAside } from '../store/stale-events.js';
import type { Asking, StaleEvent } from '../store/stale-events.js';
import { inBatches } from './in-batches.js';

export const repromptEvents = step('repromptEvents', {
  does: 'Asks again for events that nobody answered.',
  onFailure: 'continue',
  retry: { maxAttempts: 1 },
  timeout: minutes(5),
  run: async (context) => {
    const counts = { eventsReprompted: 0, eventsFailed: 0 };
    const errors: string[] = [];
    await inBatches(context, async (manager, now, limit) => {
      const stale = await claimStaleEvents(manager, now, limit);
      const tokens = newTokens(stale.length);
      const askings: Asking[] = [];
      for (const [index, event] of stale.entries()) {
        try {
          askings.push(askAgain(event, now, tokens[index] as string, context.services.settings));
        } catch (error) {
          const { message } = recordError(error);
          errors.push(`event ${event.id}: ${message}`);
          await setEventAside(manager, event.id, now, message);
        }
      }
      await recordAskings(manager, context.run.id, now, askings);
      counts.eventsReprompted += askings.length;
      counts.eventsFailed += stale.length - askings.length;
      return stale.length;
    });
    return done({ counts, errors });
  },
});

function askAgain(event: StaleEvent, now: Date, token: string, settings: MemorySettings): Asking {
  const { id, ownerId, description, eventTime, quietFrom, quietTo } = event;
  const timeZone = event.timeZone ?? 'UTC';
  const asked = event.asked + 1;
  const nextAt = nextAsking(asked, now, settings);
  return {
    ...{ id, ownerId, asked, token, nextAt },
    content: { event_id: id, description, event_date: eventTime.toISOString(), asked, last: nextAt === null, time_zone: timeZone, buttons: eventButtons(token) },
    notBefore: quietFrom === null || quietTo === null ? null : (endOfQuiet(now, timeZone, { from: quietFrom, to: quietTo }) ?? null),
  };
}

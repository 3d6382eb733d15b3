/**
 * The memory pipeline as one readable value. It rings when something is due, to the second: the counter tells when that will be, and the tick is the safety net. Its steps know nothing of each
 * other, so that trouble with images does not keep anybody from being reminded.
 */
import { databaseNow, managerOf } from '@carillon/persistence';
import { days, seconds, threshold } from '@carillon/engine';
import type { Counter, Pipeline } from '@carillon/engine';
import { pipeline } from './services.js';
import type { MemoryServices } from './services.js';
import type { MemorySettings } from './settings.js';
import { expirePendingImages } from './steps/expire-pending-images.js';
import { expireSuggestedTags } from './steps/expire-suggested-tags.js';
import { fireDueReminders } from './steps/fire-due-reminders.js';
import { removeFiles } from './steps/remove-files.js';
import { repromptEvents } from './steps/reprompt-events.js';
import { dueKinds, firstDue } from './store/ripeness.js';

export function memoryPipeline(settings: MemorySettings): Pipeline<MemoryServices> {
  return pipeline('memory', {
    does: 'Reminds people on time, and forgets what nobody confirmed.',
    trigger: threshold({
      count: dueThings,
      atLeast: 1,
      orEvery: days(1),
      poll: seconds(settings.memoryTickSeconds),
      // A file that can not be removed makes a run partial; the reminder that is due next must not wait for that.
      backOff: Math.min(1_000, seconds(settings.memoryTickSeconds)),
    }),
    steps: [fireDueReminders, expirePendingImages, expireSuggestedTags, repromptEvents, removeFiles],
  });
}

/** Kinds of things that are due: reminders, images, tags, events, files. */
export const dueThings: Counter<MemoryServices> = {
  name: 'dueThings',
  read: async ({ settings }, transaction) => {
    const manager = managerOf(transaction);
    return dueKinds(manager, await databaseNow(manager), days(settings.memorySuggestedTagDays));
  },
  ripeAt: ({ settings }, transaction) => firstDue(managerOf(transaction), days(settings.memorySuggestedTagDays)),
};

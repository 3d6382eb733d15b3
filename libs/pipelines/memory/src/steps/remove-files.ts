/** Removes the files of rows that are gone, each by itself: one that can not go is reported and tried again, and the others go. */
import { done, minutes, recordError } from '@carillon/engine';
import { step } from '../services.js';
import { claimTombstones, clearTombstones, postponeTombstone } from '../store/tombstones.js';
import { inBatches } from './in-batches.js';

export const removeFiles = step('removeFiles', {
  does: 'Removes the files of memories that are gone.',
  onFailure: 'continue',
  retry: { maxAttempts: 1 },
  timeout: minutes(5),
  run: async (context) => {
    const { media } = context.services;
    const counts = { filesRemoved: 0, filesKept: 0 };
    const errors: string[] = [];
    await inBatches(context, async (manager, now, limit) => {
      const tombstones = await claimTombstones(manager, now, limit);
      const gone: string[] = [];
      for (const { path } of tombstones) {
        try {
          await media.remove(path);
          gone.push(path);
        } catch (error) {
          const { message } = recordError(error);
          errors.push(`file ${path}: ${message}`);
          await postponeTombstone(manager, path, now, message);
        }
      }
      await clearTombstones(manager, gone);
      counts.filesRemoved += gone.length;
      counts.filesKept += tombstones.length - gone.length;
      return tombstones.length;
    });
    return done({ counts, errors });
  },
});

/** Removes images that nobody confirmed in time. A batch counts only once it is committed. */
import { done, minutes } from '@carillon/engine';
import { step } from '../services.js';
import { expireImages } from '../store/pending-images.js';
import { inBatches } from './in-batches.js';

export const expirePendingImages = step('expirePendingImages', {
  does: 'Removes images that nobody confirmed in time.',
  onFailure: 'continue',
  retry: { maxAttempts: 1 },
  timeout: minutes(5),
  run: async (context) => {
    const gone = new Set<string>();
    const kept = new Map<string, string>();
    await inBatches(context, async (manager, now, limit) => {
      const expired = await expireImages(manager, now, limit);
      for (const id of expired.gone) gone.add(id);
      for (const { id, reason } of expired.kept) kept.set(id, reason);
      return expired.gone.length + expired.kept.length;
    });
    return done({ counts: { imagesExpired: gone.size, imagesKept: kept.size }, errors: [...kept].map(([id, reason]) => `image ${id} can not expire: ${reason}`) });
  },
});

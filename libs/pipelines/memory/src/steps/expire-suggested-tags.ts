/** Removes suggested tags that nobody confirmed in time, and audit lines that are older than they are kept. */
import { days, done, minutes } from '@carillon/engine';
import { step } from '../services.js';
import { pruneAudit } from '../store/audit.js';
import { expireTags } from '../store/suggested-tags.js';
import { inBatches } from './in-batches.js';

export const expireSuggestedTags = step('expireSuggestedTags', {
  does: 'Removes suggested tags that nobody confirmed in time.',
  onFailure: 'continue',
  retry: { maxAttempts: 1 },
  timeout: minutes(5),
  run: async (context) => {
    const { memorySuggestedTagDays, memoryAuditDays } = context.services.settings;
    const counts = { tagsExpired: 0, auditPruned: 0 };
    await inBatches(context, async (manager, now, limit) => {
      const gone = await expireTags(manager, new Date(now.getTime() - days(memorySuggestedTagDays)), limit);
      counts.tagsExpired += gone;
      return gone;
    });
    if (memoryAuditDays > 0) {
      await inBatches(context, async (manager, now, limit) => {
        const gone = await pruneAudit(manager, new Date(now.getTime() - days(memoryAuditDays)), limit);
        counts.auditPruned += gone;
        return gone;
      });
    }
    return done({ counts });
  },
});

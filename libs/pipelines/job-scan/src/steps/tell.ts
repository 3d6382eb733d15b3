/** The digests: of this run, and of the day when its time has come. What waits for one is a row, so nothing is lost when a run is. */
import { done } from '@carillon/engine';
import { managerOf } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { ProfileConfig } from '../config/config.js';
import type { LoadedConfig } from '../config/config-file.js';
import { digestDay } from '../rules/alerting.js';
import { step } from '../services.js';
import { beginDigest, fileNotices, markTold, waitingAlerts } from '../store/alerts.js';
import { forgetOldRuns } from '../store/results.js';
import { restReason } from './scan-boards.js';

export const tell = step('tell', {
  does: 'Files the digests that are due.',
  when: ({ services, run }) => services.file.ofRun(run.id) !== undefined || restReason(services),
  run: async ({ services, run, now }) => {
    const [loaded, { problem }] = [services.file.ofRun(run.id), services.file];
    const errors = problem === undefined ? [] : [`the configuration was changed and is wrong, so the one before it still holds: ${problem}`];
    return done({
      errors,
      write: async (transaction) => {
        const manager = managerOf(transaction);
        if (loaded) await tellDigests(manager, loaded, { runId: run.id, now });
        await forgetOldRuns(manager);
      },
    });
  },
});

export async function tellDigests(manager: EntityManager, { config }: LoadedConfig, { runId, now }: { runId: string; now: Date }): Promise<void> {
  const day = digestDay(now, config.alerts.digestAt, config.alerts.timeZone);
  for (const profile of config.profiles) {
    await tellDigest(manager, profile, { delivery: 'run', key: runId, limit: config.alerts.digestLimit, runId, now });
    if (day !== undefined && (await beginDigest(manager, profile.name, day, now))) await tellDigest(manager, profile, { delivery: 'day', key: day, limit: config.alerts.digestLimit, runId, now });
  }
}

async function tellDigest(manager: EntityManager, profile: ProfileConfig, { delivery, key, limit, runId, now }: { delivery: 'run' | 'day'; key: string; limit: number; runId: string; now: Date }): Promise<void> {
  const waiting = await waitingAlerts(manager, profile.name, delivery);
  if (waiting.length === 0 || profile.recipients.length === 0) return;
  const entries = waiting.slice(0, limit).map(({ content }) => content);
  const content = { profile: profile.name, of: delivery, count: waiting.length, entries, at: now.toISOString() };
  await fileNotices(manager, profile, { messageType: 'job_digest', content, key: `digest:${profile.name}:${delivery}:${key}`, runId });
  await markTold(manager, profile.name, waiting, now);
}

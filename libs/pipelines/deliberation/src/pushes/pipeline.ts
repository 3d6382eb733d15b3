/** What people are told one by one, and what is forgotten when it is over: a pipeline of its own, so that a ballot's reminder does not wait for a grouping, nor a grouping for letters. */
import { done, hours, seconds, threshold } from '@carillon/engine';
import type { Counter, Pipeline } from '@carillon/engine';
import { hostPipeline, managerOf } from '@carillon/persistence';
import type { HostablePipeline } from '@carillon/persistence';
import { readSettings } from '@carillon/settings';
import { forgottenDisputes, resolveDispute } from '../people/disputes.js';
import { forgetExpired } from '../people/sign-in.js';
import { createDeliberationServices, pipeline, step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import { DeliberationSettings } from '../settings.js';
import { countOwed } from './owed.js';
import { tellPeople } from './tell-people.js';

/** As often as expired links and codes are swept when nobody is owed a word. */
const SWEEP_HOURS = 1;

export const forgetOver = step('forgetOver', {
  does: 'Forgets sign-in links and codes that are over, and who asked for them long ago.',
  onFailure: 'continue',
  run: async ({ services }) => done({ counts: { secretsForgotten: await forgetExpired(services.dataSource.manager) } }),
});

export const judgeDisputes = step('judgeDisputes', {
  does: 'Judges the disputes whose process died before it could.',
  onFailure: 'continue',
  run: async ({ services, signal }) => {
    const ids = await forgottenDisputes(services.dataSource.manager);
    for (const id of ids) {
      signal.throwIfAborted();
      await resolveDispute(services, id);
    }
    return done({ counts: { disputesResolved: ids.length } });
  },
});

export const pushesOwed: Counter<DeliberationServices> = { name: 'pushesOwed', read: ({ settings }, transaction) => countOwed(managerOf(transaction), settings) };

export function pushesPipeline(settings: DeliberationSettings): Pipeline<DeliberationServices> {
  return pipeline('deliberation-pushes', {
    does: 'Tells people of ballots and of their concerns, and forgets what is over.',
    trigger: threshold({ count: pushesOwed, atLeast: 1, orEvery: hours(SWEEP_HOURS), poll: seconds(settings.batchPollSeconds) }),
    steps: [tellPeople, judgeDisputes, forgetOver],
  });
}

/** Hosted beside deliberation, whose tables it reads. */
export const deliberationPushes: HostablePipeline = {
  entities: [],
  migrations: [],
  open: ({ dataSource, log }) => {
    const settings = readSettings(DeliberationSettings);
    const services = createDeliberationServices({ dataSource, settings, log });
    return { hosted: hostPipeline(pushesPipeline(settings), services), close: () => services.close() };
  },
};

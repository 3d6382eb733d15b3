/** Judges every open cluster at the published gate, and opens a ballot with all that pass when none is open and the cooldown is over. */
import { done, hours } from '@carillon/engine';
import type { JsonObject, StepContext, StepOutcome } from '@carillon/engine';
import { managerOf, newId, queueNotice } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { Localized } from '../entities-groups.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { AgendaItem, CycleDecision } from '../rules/agenda.js';
import { buildAgendaItems, decideCycle } from '../rules/agenda.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { DeliberationSettings } from '../settings.js';
import type { NewCycle } from '../store/cycles.js';
import { agendaCandidates, cycleState, openCycle } from '../store/cycles.js';
import { cluster } from './cluster.js';

/** As many topics as a short message can name. */
const NAMED_TOPICS = 10;

export const buildAgenda = step('buildAgenda', {
  does: 'Finds the groups with enough supporters and opens a ballot when one is due.',
  needs: [cluster],
  onFailure: 'continue',
  run,
});

/** The agenda as it stands, and what it means for the next cycle. Also asked by the trigger, so that both always agree. */
export async function agendaNow(manager: EntityManager, settings: DeliberationSettings, now: Date): Promise<{ agenda: AgendaItem[]; titles: Map<string, Localized>; decision: CycleDecision }> {
  const candidates = await agendaCandidates(manager);
  const agenda = buildAgendaItems(candidates, { minSupporters: settings.minPreballotEndorsements, minSize: settings.minClusterSize });
  const state = { now, ...(await cycleState(manager)) };
  const decision = decideCycle(agenda, state, { cooldownMs: hours(settings.autoCycleCooldownHours), maxBallotSize: settings.maxBallotSize });
  return { agenda, titles: new Map(candidates.map(({ clusterId, title }) => [clusterId, title])), decision };
}

async function run(context: StepContext<DeliberationServices>): Promise<StepOutcome> {
  const { services, now, log } = context;
  const { settings } = services;
  const { agenda, titles, decision } = await agendaNow(services.dataSource.manager, settings, now);
  const agendaSize = agenda.filter(({ reason }) => reason === 'qualified').length;
  if (!decision.open) return done({ counts: { agendaSize, cyclesOpened: 0 }, output: { opened: null, why: decision.reason, reasons: reasonsOf(agenda) } });

  const cycle = { id: newId(), startedAt: now, endsAt: new Date(now.getTime() + hours(settings.votingCycleHours)), runId: context.run.id, clusterIds: decision.ballot.map(({ clusterId }) => clusterId) };
  const topics = cycle.clusterIds.map((id) => titles.get(id) ?? { en: '' });
  return done({
    counts: { agendaSize, cyclesOpened: 1, ballotSize: decision.ballot.length, carriedOver: decision.carriedOver.length, noticesQueued: 1 },
    output: { opened: cycle.id, ballotSize: decision.ballot.length, carriedOver: decision.carriedOver.length, reasons: reasonsOf(agenda) },
    write: async (transaction) => {
      const manager = managerOf(transaction);
      if (await openCycle(manager, cycle)) await announce(manager, cycle, topics, decision.carriedOver.length, settings);
      else log.warn({ cycleId: cycle.id }, 'another cycle is active: this one was not opened');
    },
  });
}

async function announce(manager: EntityManager, cycle: NewCycle, topics: readonly Localized[], carriedOver: number, settings: DeliberationSettings): Promise<void> {
  const named = topics.slice(0, NAMED_TOPICS);
  const [startsAt, endsAt] = [cycle.startedAt.toISOString(), cycle.endsAt.toISOString()];
  await appendEvidence(manager, {
    ...{ eventType: 'cycle_opened', entityType: 'voting_cycle', entityId: cycle.id },
    payload: { cycle_id: cycle.id, cluster_ids: [...cycle.clusterIds], starts_at: startsAt, ends_at: endsAt, carried_over: carriedOver },
  });
  await queueNotice(manager, {
    ...{ channel: 'telegram', recipient: settings.deliberationChannel, messageType: 'ballot_opened', dedupeKey: `deliberation.ballot_opened.${cycle.id}`, runId: cycle.runId },
    content: { cycle_id: cycle.id, ends_at: endsAt, size: topics.length, topics: named.map(({ en }) => en), topics_fa: named.map(({ en, fa }) => fa ?? en), carried_over: carriedOver },
  });
}

/** How many clusters stand where: the reasons of those outside, the readiness of those that qualify. */
function reasonsOf(agenda: readonly AgendaItem[]): JsonObject {
  const counts: Record<string, number> = {};
  for (const { reason, readiness } of agenda) {
    const place = reason === 'qualified' ? readiness : reason;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

/**
 * Which concerns have enough people behind them to be voted on, in which order, and whether a ballot opens now. The gate is public and the same for all: nobody picks.
 */

/** Why a cluster is not on the ballot, or that it qualifies. */
export type AgendaReason = 'qualified' | 'below_size_threshold' | 'below_support_threshold';
/** What a qualified cluster still lacks before it can be voted on. */
export type Readiness = 'ready' | 'no_question' | 'awaiting_summary' | 'no_options';

export interface AgendaCandidate {
  clusterId: string;
  size: number;
  /** Distinct people who submitted a member or endorsed the cluster. */
  supporters: number;
  hasQuestion: boolean;
  awaitingSummary: boolean;
  options: number;
}

export interface AgendaItem extends AgendaCandidate {
  reason: AgendaReason;
  readiness: Readiness;
}

export interface AgendaGate {
  minSupporters: number;
  minSize: number;
}

export type CycleDecision =
  | { open: true; ballot: AgendaItem[]; /** Ready, but over the ballot's cap: they come first next time. */ carriedOver: AgendaItem[] }
  | { open: false; reason: 'cycle_active' | 'cooling_down' | 'nothing_ready' };

/** Judges every cluster, the qualified ones first: by supporters, then size, then id. */
export function buildAgendaItems(candidates: readonly AgendaCandidate[], gate: AgendaGate): AgendaItem[] {
  return candidates
    .map((candidate) => ({ ...candidate, reason: reasonOf(candidate, gate), readiness: readinessOf(candidate) }))
    .sort((one, other) => Number(other.reason === 'qualified') - Number(one.reason === 'qualified') || bySupport(one, other));
}

/** Opens a ballot with every ready concern when none is open and the cooldown since the last one has passed. `maxBallotSize` 0 means no cap. */
export function decideCycle(
  agenda: readonly AgendaItem[],
  state: { now: Date; active: boolean; lastEndedAt: Date | null },
  limits: { cooldownMs: number; maxBallotSize: number },
): CycleDecision {
  if (state.active) return { open: false, reason: 'cycle_active' };
  if (state.lastEndedAt !== null && state.now.getTime() < state.lastEndedAt.getTime() + limits.cooldownMs) return { open: false, reason: 'cooling_down' };
  const ready = agenda.filter((item) => item.reason === 'qualified' && item.readiness === 'ready');
  if (ready.length === 0) return { open: false, reason: 'nothing_ready' };
  const size = limits.maxBallotSize === 0 ? ready.length : limits.maxBallotSize;
  return { open: true, ballot: ready.slice(0, size), carriedOver: ready.slice(size) };
}

function reasonOf({ size, supporters }: AgendaCandidate, gate: AgendaGate): AgendaReason {
  if (size < gate.minSize) return 'below_size_threshold';
  return supporters < gate.minSupporters ? 'below_support_threshold' : 'qualified';
}

function readinessOf({ hasQuestion, awaitingSummary, options }: AgendaCandidate): Readiness {
  if (!hasQuestion) return 'no_question';
  if (awaitingSummary) return 'awaiting_summary';
  return options < 2 ? 'no_options' : 'ready';
}

const bySupport = (one: AgendaCandidate, other: AgendaCandidate): number =>
  other.supporters - one.supporters || other.size - one.size || (one.clusterId < other.clusterId ? -1 : 1);

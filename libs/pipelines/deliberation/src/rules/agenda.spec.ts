import { describe, expect, it } from '@jest/globals';
import type { AgendaCandidate } from './agenda.js';
import { buildAgendaItems, decideCycle } from './agenda.js';

const gate = { minSupporters: 5, minSize: 5 };
const limits = { cooldownMs: 3_600_000, maxBallotSize: 0 };
const now = new Date('2026-01-02T00:00:00Z');
const idle = { now, active: false, lastEndedAt: null };
const candidate = (clusterId: string, change: Partial<AgendaCandidate> = {}): AgendaCandidate => ({
  clusterId, size: 8, supporters: 6, hasQuestion: true, awaitingSummary: false, options: 2, ...change,
});
const agendaOf = (...candidates: AgendaCandidate[]) => buildAgendaItems(candidates, gate);

describe('agenda', () => {
  it.each<[string, Partial<AgendaCandidate>, string, string]>([
    ['enough people and members', {}, 'qualified', 'ready'],
    ['exactly at both gates', { size: 5, supporters: 5 }, 'qualified', 'ready'],
    ['one person with many submissions is one supporter (defect 17)', { size: 40, supporters: 1 }, 'below_support_threshold', 'ready'],
    ['too small, however many endorse it', { size: 4, supporters: 50 }, 'below_size_threshold', 'ready'],
    ['without a question', { hasQuestion: false }, 'qualified', 'no_question'],
    ['waiting for a new summary', { awaitingSummary: true }, 'qualified', 'awaiting_summary'],
    ['with a single option', { options: 1 }, 'qualified', 'no_options'],
  ])('%s', (_name, change, reason, readiness) => expect(agendaOf(candidate('a', change))).toMatchObject([{ reason, readiness }]));

  it('orders by supporters, then size, then id; the unqualified come last', () => {
    const ordered = agendaOf(candidate('d'), candidate('c'), candidate('b', { size: 9 }), candidate('a', { supporters: 3, size: 90 }), candidate('e', { supporters: 7 }));
    expect(ordered.map(({ clusterId }) => clusterId)).toEqual(['e', 'b', 'c', 'd', 'a']);
  });
});

describe('opening a cycle', () => {
  it('takes every ready concern', () => {
    const agenda = agendaOf(candidate('a'), candidate('b'), candidate('c', { options: 0 }));
    expect(decideCycle(agenda, idle, limits)).toMatchObject({ open: true, ballot: [{ clusterId: 'a' }, { clusterId: 'b' }], carriedOver: [] });
  });

  it('a cap carries the rest over and says so', () => {
    const agenda = agendaOf(candidate('a'), candidate('b', { supporters: 9 }), candidate('c'));
    expect(decideCycle(agenda, idle, { ...limits, maxBallotSize: 2 })).toMatchObject({ open: true, ballot: [{ clusterId: 'b' }, { clusterId: 'a' }], carriedOver: [{ clusterId: 'c' }] });
  });

  it.each([
    ['while one is active', [candidate('a')], { ...idle, active: true }, 'cycle_active'],
    ['before the cooldown has passed', [candidate('a')], { ...idle, lastEndedAt: new Date('2026-01-01T23:00:00.001Z') }, 'cooling_down'],
    ['when nothing qualifies', [candidate('a', { supporters: 1 })], idle, 'nothing_ready'],
    ['when nothing is ready', [candidate('a', { options: 0 })], idle, 'nothing_ready'],
    ['when there is nothing at all', [], idle, 'nothing_ready'],
  ])('not %s', (_name, candidates, state, reason) => expect(decideCycle(agendaOf(...candidates), state, limits)).toEqual({ open: false, reason }));

  it('opens at the very end of the cooldown', () => {
    expect(decideCycle(agendaOf(candidate('a')), { ...idle, lastEndedAt: new Date('2026-01-01T23:00:00Z') }, limits).open).toBe(true);
  });
});

/**
 * Looks over the house and tells operators what they must know: schedules that keep failing, occurrences that came late or never will, work that
 * nobody takes, messages that nobody could handle. Every scheduler does it; the rows decide who tells.
 */
import { decideFailing, decideLevel, judgeOccurrence } from '@carillon/engine';
import type { AlertPolicy } from '@carillon/engine';
import { backlogs, closeAlert, endedStalls, failingSchedules, lastFailure, lateOccurrences, openAlerts, openBySubject, openDeadLetters, openOccurrenceAlerts, stalledSchedules, tellAgain } from '@carillon/persistence';
import type { AlertRoute, FailingSchedule, LateOccurrence, NewAlert, ScheduleAlerts } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Loop } from '../loop.js';
import { alertPolicy, alertRoute } from '../service/alert-settings.js';
import type { AlertSettings } from '../service/alert-settings.js';

const LOOK_EVERY_MS = 10_000;
/** No schedule may ask for less, so nothing earlier need be read. */
const LEAST_LATE_MS = 10_000;

export class HouseWatch {
  private readonly loop: Loop;
  private readonly policy: AlertPolicy;
  private readonly route: AlertRoute;

  /** @param nudge is called when a notice was filed */
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: AlertSettings,
    private readonly log: Logger,
    private readonly nudge: () => void,
  ) {
    this.policy = alertPolicy(settings);
    this.route = alertRoute(settings);
    this.loop = new Loop({ name: 'alerts', log, runOnce: () => this.runOnce() });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One look; safe to do anywhere, any time, by any number of replicas. @returns how long until the next one */
  async runOnce(): Promise<number> {
    const told = [...(await this.failing()), ...(await this.late()), ...(await this.stalled()), ...(await this.backlog()), ...(await this.deadLetters())];
    if (told.length > 0) {
      this.log.warn({ notices: told }, 'operators are told');
      this.nudge();
    }
    return LOOK_EVERY_MS;
  }

  private async failing(): Promise<string[]> {
    const told: string[] = [];
    const fresh: NewAlert[] = [];
    for (const schedule of await failingSchedules(this.dataSource)) {
      const { policy, route } = this.for(schedule.alerts);
      const { alertId, failures } = schedule;
      const decision = decideFailing(policy, failures, schedule.told ?? undefined);
      if (decision === 'open') fresh.push(await this.failure(schedule, route));
      if (alertId === null) continue;
      if (schedule.gone) {
        await closeAlert(this.dataSource, alertId, 'the schedule is gone', route);
        continue;
      }
      if (decision === 'tell-again') told.push(...(await tellAgain(this.dataSource, alertId, failures, route, (await this.failure(schedule, route)).text)).notices);
      const recovered = { messageType: 'run_recovered', content: { pipeline: schedule.name } };
      if (decision === 'close') told.push(...(await closeAlert(this.dataSource, alertId, 'a run succeeded', route, recovered)).notices);
    }
    return [...told, ...(await openAlerts(this.dataSource, fresh)).notices];
  }

  private async failure({ scheduleId, name, pipeline, scope, failures }: FailingSchedule, route: AlertRoute): Promise<NewAlert> {
    const last = await lastFailure(this.dataSource, pipeline, scope);
    const content = { pipeline: name, failures, ...(last && { run_id: last.runId }), ...(last?.error != null && { error: last.error.slice(0, 500) }) };
    return { kind: 'failing', subject: scheduleId, pipeline, scope, told: failures, detail: { failures }, ...(last && { runId: last.runId }), route, text: { messageType: 'run_failed', content } };
  }

  private async late(): Promise<string[]> {
    const fresh = new Map<string, NewAlert>();
    for (const occurrence of await lateOccurrences(this.dataSource, LEAST_LATE_MS)) {
      const { policy, route } = this.for(occurrence.alerts);
      const verdict = judgeOccurrence(policy, occurrence);
      // Oldest first: the first is told, the latest says how far it was seen.
      if (verdict !== 'fine') fresh.set(`${verdict} ${occurrence.scheduleId}`, { ...(fresh.get(`${verdict} ${occurrence.scheduleId}`) ?? occurrenceAlert(verdict, occurrence, route)), seenThrough: occurrence.decidedAt });
    }
    const { notices } = await openAlerts(this.dataSource, [...fresh.values()]);
    for (const { alertId, latest, alerts, scheduleGone } of await openOccurrenceAlerts(this.dataSource)) {
      const { policy, route } = this.for(alerts);
      if (scheduleGone) await closeAlert(this.dataSource, alertId, 'the schedule is gone', route);
      else if (latest && judgeOccurrence(policy, latest) === 'fine') await closeAlert(this.dataSource, alertId, 'a later occurrence was on time', route);
    }
    return notices;
  }

  private async stalled(): Promise<string[]> {
    const fresh: NewAlert[] = [];
    for (const { scheduleId, name, pipeline, scope, alerts, error, forMs } of await stalledSchedules(this.dataSource, LEAST_LATE_MS)) {
      const { policy, route } = this.for(alerts);
      const content = { pipeline: name, error, seconds: Math.round(forMs / 1_000) };
      if (decideLevel(forMs, policy.lateAfterMs, false) === 'open') fresh.push({ kind: 'stalled', subject: scheduleId, pipeline, scope, detail: content, route, text: { messageType: 'schedule_stalled', content } });
    }
    const { notices: told } = await openAlerts(this.dataSource, fresh);
    for (const { alertId, name, alerts } of await endedStalls(this.dataSource)) {
      const over = name === null ? undefined : { messageType: 'schedule_looked_at', content: { pipeline: name } };
      told.push(...(await closeAlert(this.dataSource, alertId, name === null ? 'the schedule is gone' : 'it can be looked at again, or is paused', this.for(alerts).route, over)).notices);
    }
    return told;
  }

  private async backlog(): Promise<string[]> {
    const [open, now] = [await openBySubject(this.dataSource, 'backlog'), await backlogs(this.dataSource)];
    const oldest = new Map([...[...open.keys()].map((pipeline) => ({ pipeline, steps: 0, oldestMs: 0 })), ...now].map((one) => [one.pipeline, one]));
    const told: string[] = [];
    for (const { pipeline, steps, oldestMs } of oldest.values()) {
      const alertId = open.get(pipeline);
      const decision = decideLevel(oldestMs, this.settings.alertBacklogSeconds * 1_000, alertId !== undefined);
      const content = { pipeline, steps, minutes: Math.round(oldestMs / 60_000) };
      if (decision === 'open') told.push(...(await openAlerts(this.dataSource, [{ kind: 'backlog', subject: pipeline, pipeline, detail: content, route: this.route, text: { messageType: 'backlog_stuck', content } }])).notices);
      if (decision === 'close' && alertId !== undefined) told.push(...(await closeAlert(this.dataSource, alertId, 'the steps were taken', this.route, { messageType: 'backlog_over', content: { pipeline } })).notices);
    }
    return told;
  }

  private async deadLetters(): Promise<string[]> {
    const { alertDeadLetters: limit } = this.settings;
    const [open, count] = [await openBySubject(this.dataSource, 'dead-letters'), await openDeadLetters(this.dataSource, Math.max(1_000, 2 * limit))];
    const alertId = open.get('engine');
    const decision = decideLevel(count, limit, alertId !== undefined);
    if (decision === 'open') return (await openAlerts(this.dataSource, [{ kind: 'dead-letters', subject: 'engine', detail: { count }, route: this.route, text: { messageType: 'dead_letters_many', content: { count } } }])).notices;
    if (decision === 'close' && alertId !== undefined) return (await closeAlert(this.dataSource, alertId, 'they were handled', this.route, { messageType: 'dead_letters_over', content: { count } })).notices;
    return [];
  }

  /** The settings, but for what this schedule says otherwise. */
  private for(own: ScheduleAlerts | null): { policy: AlertPolicy; route: AlertRoute } {
    const { recipient = this.route.recipient, channel = this.route.channel, ...policy } = own ?? {};
    return { policy: { ...this.policy, ...policy }, route: { recipient, channel } };
  }
}

function occurrenceAlert(kind: 'late' | 'missed', { scheduleId, name, pipeline, scope, scheduledFor, lateByMs, runId, reason, outcome }: LateOccurrence, route: AlertRoute): NewAlert {
  const content = { pipeline: name, due_at: scheduledFor.toISOString(), late_seconds: Math.round(lateByMs / 1_000), ...(runId !== null && kind === 'late' && { run_id: runId }), ...(kind === 'missed' && { error: reason ?? outcome }) };
  return { kind, subject: scheduleId, pipeline, scope, detail: content, ...(runId !== null && { runId }), route, text: { messageType: kind === 'late' ? 'run_late' : 'run_missed', content } };
}

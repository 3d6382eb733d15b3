/** One schedule for people: when it rings, as its own clock shows it and in UTC, and what became of what it owed. */
import { daylightInWords, durationInWords, misfireInWords, overlapInWords, triggerInWords } from '@carillon/engine';
import type { Trigger } from '@carillon/engine';
import type { ScheduleDetails } from '@carillon/persistence';
import { cut, table } from './table.js';

export function scheduleDetails(schedule: ScheduleDetails): string {
  const zone = zoneOf(schedule.trigger);
  return [
    `${schedule.name}${schedule.name === schedule.pipeline ? '' : `, pipeline ${schedule.pipeline}`}${schedule.scope === '' ? '' : `, scope ${schedule.scope}`}`,
    `rings ${triggerInWords(schedule.trigger)}`,
    `state: ${stateOf(schedule)}`,
    ...policies(schedule).map((line) => `  ${line}`),
    ...(schedule.lastError === null ? [] : [`! ${cut(schedule.lastError, 200)}`]),
    '',
    schedule.upcoming.length === 0 ? 'no instants ahead' : table([`next (${zone})`, 'UTC', 'starts'], schedule.upcoming.map(({ scheduledFor, startsAt }) => [inZone(scheduledFor, zone), scheduledFor.toISOString(), startsAt.getTime() === scheduledFor.getTime() ? '' : startsAt.toISOString()])),
    '',
    schedule.occurrences.length === 0 ? 'nothing was owed yet' : table([`owed (UTC)`, 'outcome', 'run', 'ended', 'why'], schedule.occurrences.map((one) => [one.scheduledFor.toISOString(), one.outcome, one.runId ?? '', one.runStatus ?? '', cut(one.reason ?? '', 80)])),
  ].join('\n');
}

function stateOf({ pausedAt, waitingFor, waitingList, failuresInRow, version, source, lastSuccessStartedAt, nextDueAt, trigger }: ScheduleDetails): string {
  const idle = nextDueAt === null && (trigger.kind === 'once' || trigger.kind === 'cron') ? 'over: nothing is due any more' : 'active';
  const parts = [pausedAt ? `paused since ${pausedAt.toISOString()}` : idle, `version ${version}, defined ${source === 'code' ? 'in code' : 'at runtime'}`];
  if (waitingList.length > 0) parts.push(`waiting for ${waitingList.map((one) => cut(one, 60)).join(', ')}`);
  else if (waitingFor !== null) parts.push(`waits: ${cut(waitingFor, 100)}`);
  if (failuresInRow > 0) parts.push(`${failuresInRow} ${failuresInRow === 1 ? 'failure' : 'failures'} in a row`);
  if (lastSuccessStartedAt) parts.push(`last success ${lastSuccessStartedAt.toISOString()}`);
  return parts.join('; ');
}

function policies({ misfire, overlap, daylight, jitterMs, deadlineMs, priority, params, trigger }: ScheduleDetails): string[] {
  return [
    misfireInWords(misfire),
    overlapInWords(overlap),
    ...(timed(trigger)?.kind === 'cron' ? [daylightInWords(daylight)] : []),
    ...(jitterMs > 0 ? [`starts up to ${durationInWords(jitterMs)} later`] : []),
    ...(deadlineMs === null ? [] : [`expires when it would start more than ${durationInWords(deadlineMs)} late`]),
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(Object.keys(params).length === 0 ? [] : [`parameters ${cut(JSON.stringify(params), 120)}`]),
  ];
}

const timed = (trigger: Trigger): Trigger => (trigger.kind === 'whenReady' ? trigger.from : trigger);

function zoneOf(trigger: Trigger): string {
  const time = timed(trigger);
  return time.kind === 'cron' ? time.timeZone : 'UTC';
}

/** "Sun 2026-03-08 03:00:00 GMT-04:00". */
export function inZone(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset' });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part['weekday']} ${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}:${part['second']} ${part['timeZoneName']}`;
}

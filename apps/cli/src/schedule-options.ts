/** When a schedule rings and how, as it is written on a command line, turned into what the scheduler reads. Whether it can run, the scheduler says. */

export interface ScheduleOptions {
  cron?: string;
  daily?: string;
  every?: string;
  once?: string;
  after?: string;
  outcome?: string;
  when?: string;
  eachScope?: true;
  trigger?: string;
  zone?: string;
  scope?: string;
  misfire?: string;
  overlap?: string;
  gap?: string;
  clockOverlap?: string;
  jitter?: string;
  deadline?: string;
  params?: string;
  priority?: string;
}

type Fields = Record<string, unknown>;

const TRIGGERS = ['cron', 'daily', 'every', 'once', 'after', 'trigger'] as const;

/** The fields of a `ScheduleCreate` or `ScheduleEdit`, without names. @throws Error that says which option is wrong, and what would be right */
export function definitionFrom(options: ScheduleOptions): Fields {
  const { misfire, overlap, gap, clockOverlap, jitter, deadline, params, priority, scope } = options;
  const trigger = triggerFrom(options);
  return {
    ...(trigger && { trigger }),
    ...(misfire !== undefined && { misfire: misfireFrom(misfire) }),
    ...(overlap !== undefined && { overlap: overlapFrom(overlap) }),
    ...((gap !== undefined || clockOverlap !== undefined) && { daylight: { ...(gap !== undefined && { gap }), ...(clockOverlap !== undefined && { overlap: clockOverlap }) } }),
    ...(jitter !== undefined && { jitterMs: milliseconds('--jitter', jitter) }),
    ...(deadline !== undefined && { deadlineMs: deadline === 'none' ? null : milliseconds('--deadline', deadline) }),
    ...(params !== undefined && { params: jsonObject('--params', params, '{"since":"2026-01-01"}') }),
    ...(priority !== undefined && { priority: wholeNumber('--priority', priority) }),
    ...(scope !== undefined && { scope }),
  };
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** "90s", "15m", "2h", "1d"; several one after the other add up. */
export function milliseconds(option: string, text: string): number {
  const parts = [...text.replaceAll(' ', '').matchAll(/(\d+)(ms|min|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.replaceAll(' ', '')) throw new Error(`${option} ${text} is no length of time: write for example 90s, 15m, 2h or 1d`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
}

function triggerFrom(options: ScheduleOptions): Fields | undefined {
  const given = TRIGGERS.filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new Error(`${given.map((name) => `--${name}`).join(' and ')}: a schedule has one trigger`);
  const { cron, daily, every, once, after, trigger, zone = 'UTC' } = options;
  if (cron !== undefined) return { kind: 'cron', expression: cron, timeZone: zone };
  if (daily !== undefined) return { kind: 'cron', expression: dailyExpression(daily), timeZone: zone };
  if (options.zone !== undefined) throw new Error(`--zone ${zone} belongs to --cron or --daily`);
  if (every !== undefined) return { kind: 'every', everyMs: milliseconds('--every', every) };
  if (once !== undefined) return { kind: 'once', at: once };
  if (trigger !== undefined) return jsonObject('--trigger', trigger, '{"kind":"threshold",…}');
  return after === undefined ? undefined : afterFrom(after, options);
}

function dailyExpression(time: string): string {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hour === undefined) throw new Error(`--daily ${time} is no time of the day: write one from 00:00 to 23:59`);
  return `${Number(minute)} ${Number(hour)} * * *`;
}

function afterFrom(pipeline: string, { outcome = 'succeeded', when, eachScope }: ScheduleOptions): Fields {
  const conditions = (when?.split(',') ?? []).map((condition) => {
    const [, count, sign, bound] = /^\s*(\w+)\s*(>=|<=)\s*(-?\d+)\s*$/.exec(condition) ?? [];
    if (count === undefined) throw new Error(`--when ${condition} is no condition: write for example imported>=1,rejected<=0`);
    return { count, [sign === '>=' ? 'atLeast' : 'atMost']: Number(bound) };
  });
  return { kind: 'after', pipeline, outcomes: outcome.split(','), when: conditions, scope: eachScope === true ? 'each' : 'same' };
}

function misfireFrom(text: string): Fields {
  const [kind = '', value] = text.split(':');
  if (kind === 'latest' || kind === 'earliest') return { kind: 'fireOnce', which: kind };
  if (kind === 'all' && value !== undefined) return { kind: 'fireAll', max: wholeNumber('--misfire all', value) };
  if (kind === 'skip' && value !== undefined) return { kind: 'skip', graceMs: milliseconds('--misfire skip', value) };
  throw new Error(`--misfire ${text}: write latest, earliest, all:COUNT or skip:GRACE, such as skip:10m`);
}

function overlapFrom(text: string): Fields {
  const [kind = '', value] = text.split(':');
  if (kind === 'queue') return value === undefined ? { kind: 'queueOne' } : { kind: 'queueAll', max: wholeNumber('--overlap queue', value) };
  if (['skip', 'replace', 'allow'].includes(kind)) return { kind };
  throw new Error(`--overlap ${text}: write skip, queue, queue:COUNT, replace or allow`);
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${option} ${text}: write a whole number`);
  return value;
}

export function jsonObject(option: string, text: string, example: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    // Said below, with what would be right.
  }
  throw new Error(`${option} ${text} is not a JSON object: write for example ${option} '${example}'`);
}

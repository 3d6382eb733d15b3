/** The verdict on one database after the harm: everything owed happened, and happened once. */
import { isKeyed } from './feeder.mjs';
import { allDone, allEffects, allOccurrences, allRuns, allSchedules, fragments } from './ledger.mjs';
import { compare, together } from './verdict.mjs';
import { effectName, WITHOUT_WRITE } from './workload.mjs';

/**
 * @param {import('./ledger.mjs').Ask} ask
 * @param {{ requested: Set<string>, answered: Map<string, string>, contradictions: string[], outside: string, setBackMs: number }} clients what they asked for and were answered
 */
export async function judge(ask, { requested, answered, contradictions, outside, setBackMs }) {
  const [runs, effects, records, occurrences, schedules, broken] = await Promise.all([allRuns(ask), allEffects(ask), allDone(ask), allOccurrences(ask), allSchedules(ask), fragments(ask)]);
  return { effects, ...verdictOn({ runs, effects, records, broken, occurrences, schedules, requested, answered, contradictions, setBackMs, outside: outside.split('\n').filter(Boolean) }) };
}

/** Pure, so that a spec can break each promise in turn. @returns {import('./verdict.mjs').Verdict} */
export function verdictOn({ runs, effects, records, broken, occurrences, schedules, requested, answered, contradictions, outside, setBackMs = 0 }) {
  const every = runs.filter((run) => run.status !== 'skipped').flatMap((run) => run.steps.map((step) => ({ run: run.id, step })));
  const owed = every.map(({ run, step }) => effectName(run, step));
  const writing = every.filter(({ step }) => !WITHOUT_WRITE.includes(step)).map(({ run, step }) => effectName(run, step));
  // What was decided just before the clock was set back is noted with a time after it.
  const early = occurrences.filter(({ scheduledFor, decidedAt }) => decidedAt.getTime() + setBackMs < scheduledFor.getTime()).map((one) => instant(one.schedule, one.scheduledFor));
  const seenOutside = new Set(outside);
  const ran = occurrences.filter(({ outcome }) => outcome === 'ran');
  const byClock = runs.filter((run) => run.schedule !== null);
  return together({
    'effect of run and step': compare(writing, effects.map(({ run, step }) => effectName(run, step))),
    'record of run and step': compare(owed, records.map(({ run, step }) => effectName(run, step))),
    'whole of': { lost: broken, doubled: [] },
    'effect outside of run and step': { lost: owed.filter((effect) => !seenOutside.has(effect)), doubled: [] },
    'end of run': { lost: runs.filter(({ status }) => status !== 'succeeded' && status !== 'skipped').map(({ id, status }) => `${id} (${status})`), doubled: [] },
    'run for the key': compare([...requested].filter(isKeyed), runs.filter(({ key }) => key !== null).map(({ key }) => key)),
    'answer to the key': { lost: [...requested].filter((key) => !answered.has(key)), doubled: contradictions },
    'answered run': { lost: [...answered.values()].filter((id) => !runs.some((run) => run.id === id)), doubled: [] },
    'occurrence that was early': { lost: [], doubled: early },
    'occurrence of schedule': compare(schedules.flatMap((schedule) => instantsOf(schedule).map((at) => instant(schedule.id, at))), occurrences.map((one) => instant(one.schedule, one.scheduledFor))),
    'run of the occurrence': compare(ran.map((one) => `${instant(one.schedule, one.scheduledFor)} ${one.run}`), byClock.map((run) => `${instant(run.schedule, run.scheduledFor)} ${run.id}`)),
  });
}

const instant = (schedule, at) => `${schedule} ${new Date(at).toISOString()}`;

/** Every instant that a schedule owed: counted from its anchor, up to where it says that it has looked. */
function instantsOf({ anchorAt, everyMs, through }) {
  const count = Math.max(0, Math.floor((through.getTime() - anchorAt.getTime()) / everyMs));
  return Array.from({ length: count }, (_none, n) => anchorAt.getTime() + (n + 1) * everyMs);
}

/** The verdict on reminders after the harm: each fired once, what follows it is there once, and its one notice arrived once, or twice where the second says that it may be a repetition. */
import { allOccurrences, allRuns } from './ledger.mjs';
import { verdictOnArrivals } from './under-fire.mjs';
import { compare, together } from './verdict.mjs';

/** What follows is there when all is counted, and not due. */
export const AGAIN_AFTER_MINUTES = 1_440;

/** @typedef {{ id: string, text: string, fireAt: Date, repeats: boolean }} Filed those that repeat do so after AGAIN_AFTER_MINUTES; each text is one reminder's own */

/** @param {import('./ledger.mjs').Ask} ask @param {{ filed: Filed[], notices: import('./under-fire.mjs').NoticeRow[], arrived: string[] }} seen */
export async function judgeReminders(ask, seen) {
  const [reminders, due, audit, occurrences, runs] = await Promise.all([
    ask('SELECT id, series_id AS series, fire_at AS "fireAt", fired FROM memory.reminder'),
    ask('SELECT reminder_id AS id, due_at AS at FROM memory.due'),
    ask(`SELECT entity_id AS id FROM memory.audit WHERE entity_type = 'reminder' AND action = 'fired'`),
    allOccurrences(ask),
    allRuns(ask),
  ]);
  return verdictOnReminders({ ...seen, reminders, due, firings: audit.map(({ id }) => id), occurrences, runs });
}

/**
 * Pure, so that a spec can break each promise in turn.
 * @param {object} found
 * @param {Filed[]} found.filed
 * @param {{ id: string, series: string, fireAt: Date, fired: boolean }[]} found.reminders every row
 * @param {{ id: string, at: Date }[]} found.due where the step looks for what is due
 * @param {string[]} found.firings one id for each line of the audit that says that a reminder fired
 * @param {import('./under-fire.mjs').NoticeRow[]} found.notices
 * @param {string[]} found.arrived one text for each arrival
 * @param {Awaited<ReturnType<typeof allOccurrences>>} found.occurrences
 * @param {Awaited<ReturnType<typeof allRuns>>} found.runs of this pipeline alone
 */
export function verdictOnReminders({ filed, reminders, due, firings, notices, arrived, occurrences, runs }) {
  const ids = filed.map(({ id }) => id);
  const texts = new Map(filed.map(({ id, text }) => [`memory:reminder:${id}:0`, text]));
  const waiting = reminders.filter(({ fired }) => !fired);
  const following = filed.filter(({ repeats }) => repeats).map(({ id, fireAt }) => at(id, new Date(fireAt.getTime() + AGAIN_AFTER_MINUTES * 60_000)));
  const { lost, doubled, notices: _asFiled, ...counts } = verdictOnArrivals(notices, texts, arrived, reminded);
  const ran = occurrences.filter(({ outcome }) => outcome === 'ran');
  const begun = runs.filter(({ status }) => status !== 'skipped');
  const ledger = together({
    'reminder that fired:': compare(ids, reminders.filter(({ fired }) => fired).map(({ id }) => id)),
    'firing of reminder': compare(ids, firings),
    'what follows reminder': compare(following, waiting.map(({ series, fireAt }) => at(series, fireAt))),
    'place among what is due of reminder': compare(waiting.map(({ id, fireAt }) => at(id, fireAt)), due.map((one) => at(one.id, one.at))),
    'notice': compare(texts.keys(), notices.map(({ key }) => key)),
    'run of the occurrence': compare(ran.map(({ run, scheduledFor }) => at(run, scheduledFor)), begun.map(({ id, scheduledFor }) => at(id, scheduledFor))),
    // A step that met trouble leaves what is due to the next run.
    'end of run': { lost: begun.filter(({ status }) => status !== 'succeeded' && status !== 'partial').map(({ id, status }) => `${id} (${status})`), doubled: [] },
  });
  const partial = begun.filter(({ status }) => status === 'partial').length;
  return { reminders: filed.length, ...counts, runs: begun.length, partial, lost: [...ledger.lost, ...lost], doubled: [...ledger.doubled, ...doubled] };
}

/** The words of a reminder in the notice that tells it. */
const reminded = (text) => /<b>(.*?)<\/b>/.exec(text)?.[1] ?? text;

const at = (id, instant) => `${id} at ${instant?.toISOString() ?? 'no instant'}`;

/** From what was measured to what is printed: medians of the repetitions with the lowest and the highest, and ours divided by theirs. */
import { rounded } from '../result.mjs';
import { median, quantile } from '../statistics.mjs';

/**
 * @typedef {object} Measured one contender
 * @property {number[]} sustained steps per second of each repetition
 * @property {{ worker: number, postgres: number, bus: number, client: number }[]} cpu microseconds a step of each repetition
 * @property {number[]} backlog
 * @property {{ fromAnother: number[], inProcess: number[] }} dispatch milliseconds of each sample, of all repetitions together
 * @property {Record<string, number[]>} recoveries seconds
 */

/** What was not measured has no figure. @param {Measured} measured @returns {Record<string, number>} */
export function figuresOf({ sustained, cpu, backlog, dispatch, recoveries }) {
  return {
    ...spread('stepsPerSecond', sustained, 0),
    ...spread('backlogStepsPerSecond', backlog, 0),
    ...costs(cpu),
    ...latencies('dispatch', dispatch.fromAnother),
    ...latencies('dispatchInProcess', dispatch.inProcess),
    ...Object.fromEntries(Object.entries(recoveries).map(([name, values]) => [name, rounded(median(values), 2)])),
  };
}

/** Those ratios of which both sides were measured; above 1 is better for steps, below 1 for times and costs. @param {Record<string, Record<string, number>>} figures by contender */
export function ratiosOf({ ours, graphileDefault, graphileTuned, pgBoss, dbos }) {
  // Whichever of its settings answers sooner.
  const graphile = [graphileDefault, graphileTuned].filter(Boolean).sort((a, b) => a.dispatchP50Ms - b.dispatchP50Ms)[0];
  const steps = (key) => ({ [`stepsVs${key.name}`]: ratio(ours?.stepsPerSecond, key.figures?.stepsPerSecond), [`backlogVs${key.name}`]: ratio(ours?.backlogStepsPerSecond, key.figures?.backlogStepsPerSecond), [`cpuVs${key.name}`]: ratio(ours?.cpuMicrosPerStep, key.figures?.cpuMicrosPerStep) });
  const peers = { Dbos: dbos, GraphileDefault: graphileDefault, GraphileTuned: graphileTuned, PgBoss: pgBoss };
  const ratios = {
    ...Object.assign({}, ...Object.entries(peers).map(([name, figures]) => steps({ name, figures }))),
    dispatchVsGraphile: ratio(ours?.dispatchP50Ms, graphile?.dispatchP50Ms),
    dispatchVsPgBoss: ratio(ours?.dispatchP50Ms, pgBoss?.dispatchP50Ms),
    dispatchInProcessVsGraphile: ratio(ours?.dispatchInProcessP50Ms, graphile?.dispatchInProcessP50Ms),
    dispatchInProcessVsPgBoss: ratio(ours?.dispatchInProcessP50Ms, pgBoss?.dispatchInProcessP50Ms),
  };
  return Object.fromEntries(Object.entries(ratios).filter(([, value]) => value !== undefined));
}

function spread(name, values, digits) {
  if (values.length === 0) return {};
  return { [name]: rounded(median(values), digits), [`${name}Lowest`]: rounded(Math.min(...values), digits), [`${name}Highest`]: rounded(Math.max(...values), digits) };
}

/** The whole, and who had which part of it; nothing where the system does not tell. */
function costs(cpu) {
  const known = cpu.filter((one) => Object.values(one).every(Number.isFinite));
  if (known.length === 0) return {};
  const sums = known.map((one) => Object.values(one).reduce((sum, value) => sum + value, 0));
  const parts = Object.keys(known[0]).map((who) => [`${who}CpuMicrosPerStep`, rounded(median(known.map((one) => one[who])), 0)]);
  return { cpuMicrosPerStep: rounded(median(sums), 0), ...Object.fromEntries(parts) };
}

function latencies(name, values) {
  return Object.fromEntries((values.length === 0 ? [] : [50, 95, 99]).map((percent) => [`${name}P${percent}Ms`, rounded(quantile(values, percent / 100), 2)]));
}

const ratio = (ours, theirs) => (ours === undefined || theirs === undefined ? undefined : rounded(ours / theirs, 3));

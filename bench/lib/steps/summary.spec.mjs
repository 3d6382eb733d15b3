import { expect, it } from '@jest/globals';
import { contenders, contendersCalled } from './contenders.mjs';
import { figuresOf, ratiosOf } from './summary.mjs';

const measured = { sustained: [900, 1_100, 1_000], cpu: [{ worker: 100, postgres: 50, bus: 0, client: 10 }, { worker: NaN, postgres: 50, bus: 0, client: 10 }], backlog: [2_000, 2_000, 2_000], dispatch: { fromAnother: [1, 2, 3, 4], inProcess: [0.5] }, recoveries: { recoverySeconds: [31.234] } };

it('figures are medians with the lowest and the highest, quantiles of all samples, and a recovery', () => {
  expect(figuresOf(measured)).toEqual({
    stepsPerSecond: 1_000, stepsPerSecondLowest: 900, stepsPerSecondHighest: 1_100,
    backlogStepsPerSecond: 2_000, backlogStepsPerSecondLowest: 2_000, backlogStepsPerSecondHighest: 2_000,
    dispatchP50Ms: 2, dispatchP95Ms: 4, dispatchP99Ms: 4, dispatchInProcessP50Ms: 0.5, dispatchInProcessP95Ms: 0.5, dispatchInProcessP99Ms: 0.5,
    cpuMicrosPerStep: 160, workerCpuMicrosPerStep: 100, postgresCpuMicrosPerStep: 50, busCpuMicrosPerStep: 0, clientCpuMicrosPerStep: 10,
    recoverySeconds: 31.23,
  });
});

it('what was not measured has no figure', () => {
  expect(figuresOf({ sustained: [], cpu: [], backlog: [], dispatch: { fromAnother: [], inProcess: [] }, recoveries: {} })).toEqual({});
});

it('ratios are ours divided by theirs; of two graphile settings the one that answers sooner counts', () => {
  const ours = figuresOf(measured);
  const their = (stepsPerSecond, dispatchP50Ms) => ({ ...ours, stepsPerSecond, dispatchP50Ms });
  expect(ratiosOf({ ours, graphileDefault: their(500, 8), graphileTuned: their(4_000, 4), pgBoss: their(250, 6), dbos: their(100, 9) })).toMatchObject({
    stepsVsDbos: 10, stepsVsGraphileDefault: 2, stepsVsGraphileTuned: 0.25, stepsVsPgBoss: 4, dispatchVsGraphile: 0.5, dispatchVsPgBoss: 0.333,
  });
});

it('without a peer there is no ratio, rather than one of nothing', () => {
  expect(Object.keys(ratiosOf({ ours: figuresOf(measured), dbos: figuresOf(measured) }))).toEqual(['stepsVsDbos', 'backlogVsDbos', 'cpuVsDbos']);
  expect(ratiosOf({ dbos: figuresOf(measured) })).toEqual({});
});

it('contenders are chosen by name, a family by its beginning, and a wrong name is answered', () => {
  expect(contendersCalled(undefined)).toBe(contenders);
  expect(contendersCalled('graphile,pg-boss').map(({ key }) => key)).toEqual(['graphileDefault', 'graphileTuned', 'pgBoss']);
  expect(() => contendersCalled('dbso')).toThrow('did you mean dbos?');
});

import { describe, expect, it } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { Meters } from './meters.js';
import { registerTallies, Tally } from './tally.js';

const seriesOf = async (meters: Meters): Promise<string[]> => (await meters.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('meters', () => {
  it('count attempts by outcome, runs by end, and time from due to begun', async () => {
    const meters = new Meters('scheduler');
    meters.stepStarted({ pipeline: 'news' }, 4);
    meters.stepStarted({ pipeline: 'news' }, -1);
    for (const outcome of ['again', 'again', 'done']) meters.stepSettled({ pipeline: 'news', step: 'fetch' }, outcome, 120);
    meters.runEnded('news', 'partial');
    meters.takenOver(2);
    expect(await seriesOf(meters)).toEqual(expect.arrayContaining([
      'carillon_steps_total{pipeline="news",step="fetch",outcome="again",service="scheduler"} 2',
      'carillon_steps_total{pipeline="news",step="fetch",outcome="done",service="scheduler"} 1',
      'carillon_runs_total{pipeline="news",outcome="partial",service="scheduler"} 1',
      'carillon_dispatch_seconds_bucket{le="0.001",pipeline="news",service="scheduler"} 1',
      'carillon_dispatch_seconds_bucket{le="0.005",pipeline="news",service="scheduler"} 2',
      'carillon_dispatch_seconds_count{pipeline="news",service="scheduler"} 2',
      'carillon_step_duration_seconds_bucket{le="0.1",pipeline="news",step="fetch",service="scheduler"} 0',
      'carillon_step_duration_seconds_bucket{le="+Inf",pipeline="news",step="fetch",service="scheduler"} 3',
      'carillon_lease_takeovers_total{service="scheduler"} 2',
    ]));
    // Counters only ever grow, however often they are read.
    expect(await seriesOf(meters)).toEqual(await seriesOf(meters));
  });

  it('have no more series than names of code, whatever names come', async () => {
    const meters = new Meters('scheduler');
    for (let n = 0; n < 3_000; n += 1) meters.runEnded(`made-up-${n}`, 'succeeded');
    const runs = (await seriesOf(meters)).filter((line) => line.startsWith('carillon_runs_total'));
    expect(runs).toHaveLength(501);
    expect(runs.at(-1)).toBe('carillon_runs_total{pipeline="other",outcome="succeeded",service="scheduler"} 2500');
  });
});

it("a tally says what prom-client's own histogram says", async () => {
  const values = [0, 0.001, 0.0011, 0.3, 0.5, 7, 8, 1e9];
  const bounds = [0.001, 0.5, 7];
  const [theirs, ours] = [new Registry(), new Registry()];
  const histogram = new Histogram({ name: 'took', help: 'time', labelNames: ['step'], buckets: bounds, registers: [theirs] });
  const tally = new Tally(bounds);
  registerTallies(ours, 'took', 'time', () => [[{ step: 'one' }, tally]]);
  for (const value of values) {
    histogram.observe({ step: 'one' }, value);
    tally.observe(value);
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});

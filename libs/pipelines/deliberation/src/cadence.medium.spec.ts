/** When deliberation rings in the course of a day, on a virtual clock and a real database. */
import { afterEach, expect, it } from '@jest/globals';
import { ring } from '@carillon/harness';
import type { Bell } from '@carillon/harness';
import { deliberation } from './hosting.js';
import { deliberationPipeline } from './pipeline.js';
import { createDeliberationServices } from './services.js';
import { DeliberationSettings } from './settings.js';
import { closeExpiredCycles } from './steps/close-expired-cycles.js';

let bell: Bell | undefined;
afterEach(async () => bell?.close());

function quietTown(): Bell {
  const settings = Object.assign(new DeliberationSettings(), { batchPollSeconds: 600 });
  return (bell = ring(deliberationPipeline(settings), { tables: deliberation, services: (dataSource) => createDeliberationServices({ dataSource, settings }) }));
}

it('when nobody submits anything, it rings every six hours and leaves nothing behind', async () => {
  const { runs, ends, notices } = await quietTown().between('2026-03-01', '2026-03-02');
  expect(runs.map(({ requestedAt, reason }) => `${requestedAt.toISOString().slice(11, 16)} ${reason}`)).toEqual(['06:00 21600 s since the last success', '12:00 21600 s since the last success', '18:00 21600 s since the last success']);
  expect([ends, notices]).toEqual([{ succeeded: 3 }, []]);
});

it('a run that was not whole is made up for, each time later (defect 4)', async () => {
  const { runs } = await quietTown().fails(closeExpiredCycles, new Error('no room'), { times: 6 }).between('2026-03-01T00:00', '2026-03-01T12:00');
  expect(runs.map(({ status }) => status)).toEqual(['partial', 'partial', 'succeeded']);
  const gaps = runs.slice(1).map(({ requestedAt }, index) => Math.round((Number(requestedAt) - Number(runs[index]?.requestedAt)) / 60_000));
  expect(gaps).toEqual([20, 40]);
});

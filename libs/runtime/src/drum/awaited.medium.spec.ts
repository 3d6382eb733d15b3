/** What a schedule waits for, from the first look until operators are told that it did not come. */
import { afterEach, expect, it } from '@jest/globals';
import { done, minutes, hours, every, pipeline, step, whenReady } from '@carillon/engine';
import type { Pipeline, Readiness } from '@carillon/engine';
import { listAlerts } from '@carillon/persistence';
import { RunFinished, subjectOf } from '@carillon/shared';
import { signal } from '@carillon/testing';
import { pino } from 'pino';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';
import { AlertSettings, HouseWatch } from '../index.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

// Airflow's sensors that time out say that they timed out, and not on what.
it('files that do not come are listed while they are awaited, are the errors of the failed run at the deadline, and operators are told', async () => {
  let missing = ['tape of oslo', 'tape of bergen'];
  const worked: string[] = [];
  const sensor = { name: 'tapes', ready: async (): Promise<Readiness> => (missing.length === 0 ? { ready: true } : { ready: false, waitingFor: missing }) };
  const loans: Pipeline<never> = pipeline<never>('loans', {
    does: 'reads the tapes',
    trigger: whenReady<never>({ sensor, from: every(hours(1)), deadline: minutes(30), poll: minutes(5) }),
    steps: [step<never>('read', { does: 'reads', run: async ({ run }) => (worked.push(run.id), done()) })],
  });
  house = await tower(loans);
  const { drum, schedules, bus, dataSource, ended } = house.first;
  const watch = new HouseWatch(dataSource, new AlertSettings(), pino({ level: 'silent' }), () => undefined);
  const at = async (minute: number): Promise<void> => {
    await house?.moveClock(minutes(minute) + 500);
    await drum.runOnce();
    await watch.runOnce();
  };

  await at(60);
  expect(await schedules.show('loans')).toMatchObject({ waitingList: missing, waitingFor: expect.stringMatching(/^waiting for tape of oslo, tape of bergen since /) });
  missing = ['tape of bergen'];
  await at(70);
  expect((await schedules.show('loans')).waitingList).toEqual(['tape of bergen']);
  expect(await listAlerts(dataSource)).toEqual([]);

  const told = signal('the end of the run to be told on the bus');
  bus.listen(subjectOf(RunFinished, 'loans'), () => told.resolve());
  await at(90);
  await told.wait();
  const [run] = await house.runs();
  expect(run).toMatchObject({ status: 'failed', errors: ['still waiting for tape of bergen'], steps: [] });
  expect(await schedules.show('loans')).toMatchObject({ waitingList: [], failuresInRow: 1, occurrences: [{ outcome: 'expired', runId: run?.id, runStatus: 'failed' }] });
  expect(await ended()).toEqual(['loans failed 1']);
  expect(await listAlerts(dataSource, { open: true })).toMatchObject([{ kind: 'missed', pipeline: 'loans' }]);
  const [notice] = await house.query<{ type: string; content: Record<string, unknown> }>('SELECT message_type AS type, content FROM notices.notice');
  expect(notice).toMatchObject({ type: 'run_missed', content: { pipeline: 'loans', error: expect.stringContaining('tapes was not ready by') } });

  // The next one is awaited anew, and an episode ends with the first that comes in time.
  missing = [];
  await at(120);
  await house.finished((await house.runs()).find((one) => one.id !== run?.id)?.id ?? '');
  await watch.runOnce();
  expect(worked).toHaveLength(1);
  expect(await listAlerts(dataSource, { open: true })).toEqual([]);
});

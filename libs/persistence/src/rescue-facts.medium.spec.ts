/** One look must see all that a sweep would do, or it would never be done. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { queueOne, seconds } from '@carillon/engine';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { rescueFacts } from './index.js';
import type { RescueFacts } from './index.js';

let house: Ledger;
beforeEach(async () => void (house = await ledger()));
afterEach(() => house.close());

/** What is true of a house. */
async function seen(): Promise<(keyof RescueFacts)[]> {
  const facts = await rescueFacts(house.dataSource, { leaseMs: 30_000, waitingMs: 5_000 });
  return (Object.keys(facts) as (keyof RescueFacts)[]).filter((name) => facts[name]);
}

it('nothing where all is well', async () => {
  expect(await seen()).toEqual([]);
  await house.run();
  expect(await seen()).toEqual([]);
});

it('steps that nobody takes, and steps whose worker fell silent', async () => {
  const { id } = await house.run();
  await house.moveClock(seconds(6));
  expect(await seen()).toEqual(['stepsWait']);
  await house.claim(id);
  expect(await seen()).toEqual([]);
  await house.moveClock(seconds(60));
  expect(await seen()).toEqual(['silent']);
});

it('runs in line', async () => {
  await house.run({ overlap: queueOne });
  await house.run({ overlap: queueOne });
  expect(await seen()).toEqual(['queued']);
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { modelSpendOfRun, newId } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import { intakeUnderTest } from './intake.fixture.js';
import type { IntakeUnderTest } from './intake.fixture.js';
import { spendMeter } from './services.js';
import { DeliberationSettings } from './settings.js';

let sut: IntakeUnderTest;
beforeAll(async () => void (sut = await intakeUnderTest(await testDatabase())));
afterAll(() => sut.close());

const CALL = { purpose: 'canonicalization', provider: 'default', model: 'reader' };
const paid = (costUsd: number) => ({ inputTokens: 100, outputTokens: 10, costUsd, priced: costUsd > 0, estimated: false });
/** A meter as another process would have it. */
const meter = (budget: Partial<DeliberationSettings>, runId?: string) => spendMeter(sut.dataSource, Object.assign(new DeliberationSettings(), budget), runId);

it('a run that has spent its budget in one process has spent it in all, and other runs have theirs', async () => {
  const [run, other] = [newId(), newId()];
  const budget = { llmBudgetUsdPerRun: 0.3 };
  await meter(budget, run).record(paid(0.1), CALL);
  await meter(budget, run).record(paid(0.1), CALL);
  await expect(meter(budget, run).assertWithinBudget()).resolves.toBeUndefined();
  // A tenth three times is not three tenths in binary; it is in the ledger.
  await meter(budget, run).record(paid(0.1), CALL);
  await expect(meter(budget, run).assertWithinBudget()).rejects.toMatchObject({ name: 'BudgetExhausted', message: expect.stringContaining('the budget of this run of 0.3 USD is spent') });
  await expect(meter(budget, other).assertWithinBudget()).resolves.toBeUndefined();
  for (const none of [budget, { llmBudgetUsdPerRun: 0 }]) await expect(meter(none).assertWithinBudget()).resolves.toBeUndefined();
});

it('a day has one budget for the front door and every run, and the next day has its own', async () => {
  await sut.advance(2 * 86_400_000);
  const budget = { llmBudgetUsdPerDay: 1 };
  await Promise.all([meter(budget).record(paid(0.5), CALL), meter(budget, newId()).record(paid(0.25), CALL), meter(budget, newId()).record(paid(0.25), CALL)]);
  for (const one of [meter(budget), meter(budget, newId())]) await expect(one.assertWithinBudget()).rejects.toMatchObject({ message: expect.stringContaining('of this day of 1 USD') });
  await sut.advance(86_400_000);
  await expect(meter(budget).assertWithinBudget()).resolves.toBeUndefined();
});

it('a run tells each model and kind of work, with what has no price beside what has', async () => {
  const run = newId();
  const given = meter({}, run);
  await given.record(paid(0.000_000_15), CALL);
  await given.record(paid(0), { ...CALL, purpose: 'english_reasoning', model: 'free' });
  await given.record(paid(0), { ...CALL, purpose: 'english_reasoning', model: 'free' });
  expect(await modelSpendOfRun(sut.dataSource, run)).toEqual([
    { ...CALL, calls: 1, inputTokens: 100, outputTokens: 10, costUsd: '0.0000001500', unpricedCalls: 0 },
    { ...CALL, purpose: 'english_reasoning', model: 'free', calls: 2, inputTokens: 200, outputTokens: 20, costUsd: '0.0000000000', unpricedCalls: 2 },
  ]);
  expect(given.spent).toMatchObject({ calls: 3, unpricedCalls: 2 });
});

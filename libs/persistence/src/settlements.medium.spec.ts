import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, fail, PermanentError } from '@carillon/engine';
import type { StepOutcome } from '@carillon/engine';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { cancelRuns, decided, inTransaction, listRuns, settleMany, StaleLease, takeOverLostSteps } from './index.js';
import type { ClaimedStep, Settled } from './index.js';

let house: Ledger;
beforeAll(async () => {
  house = await ledger();
});
afterAll(() => house.close());

const NASTY = 'a "quoted", {braced} \\ and\nbroken NULL';
const claimed = async (scope: string): Promise<ClaimedStep> => house.claim((await house.run({ scope, overlap: allowOverlap })).id);
const decision = (claim: ClaimedStep, outcome: StepOutcome): ReturnType<typeof decided> => decided({ claim, outcome, elapsedMs: 1, random: 0, goesOn: () => true });
const together = (claims: readonly ClaimedStep[], outcome: (claim: ClaimedStep) => StepOutcome): Promise<(Settled | StaleLease)[]> => settleMany(house.dataSource, claims.map((claim) => decision(claim, outcome(claim))));
const historyOf = async ({ run: { id } }: ClaimedStep): Promise<object> => {
  const [run] = await listRuns(house.dataSource, { id });
  return { status: run?.status, counts: run?.counts, errors: run?.errors, steps: run?.steps.map(({ name, status, output, reason }) => [name, status, output, reason]) };
};
const facts = async (): Promise<string[]> => (await house.query<{ id: string }>(`SELECT jsonb_array_elements(payload) ->> 'id' AS id FROM engine.outbox WHERE subject IS NULL`)).map(({ id }) => id);

describe('attempts that are settled together', () => {
  it('hand on what they left, whatever characters are in it', async () => {
    const claims = [await claimed('plain'), await claimed('leaves')];
    const settled = (await together(claims, ({ run }) => (run.scope === 'leaves' ? done({ output: { [NASTY]: NASTY }, counts: { [NASTY]: 2 }, errors: [NASTY] }) : done()))) as Settled[];
    expect(settled.map(({ claim }) => [claim?.name, claim?.attempt, claim?.run.scope])).toEqual([['two', 1, 'plain'], ['two', 1, 'leaves']]);
    const ends = await together(settled.flatMap(({ claim }) => claim ?? []), () => done());
    expect(ends).toMatchObject([{ next: { kind: 'finish', status: 'succeeded' } }, { next: { kind: 'finish', status: 'partial' } }]);
    expect(await Promise.all(claims.map(historyOf))).toEqual([
      { status: 'succeeded', counts: {}, errors: [], steps: [['one', 'done', null, null], ['two', 'done', null, null]] },
      { status: 'partial', counts: { [NASTY]: 2 }, errors: [`one: ${NASTY}`], steps: [['one', 'done', { [NASTY]: NASTY }, null], ['two', 'done', null, null]] },
    ]);
  });

  it('are written but for those whose lease was lost, and one whose run was cancelled meanwhile ends as cancelled', async () => {
    const claims = [await claimed('kept'), await claimed('lost'), await claimed('cancelled')];
    const [, lost, cancelled] = claims as [ClaimedStep, ClaimedStep, ClaimedStep];
    await house.query(`UPDATE engine.active_run SET lease_until = engine.clock() - interval '1 second' WHERE run_id = $1`, [lost.run.id]);
    await takeOverLostSteps(house.dataSource, 10);
    await inTransaction(house.dataSource, (manager) => cancelRuns(manager, { ids: [cancelled.run.id] }, 'no longer wanted'));
    const settled = await together(claims, () => done());
    expect(settled[0]).toMatchObject({ next: { kind: 'step' }, claim: { name: 'two' } });
    expect(settled[1]).toBeInstanceOf(StaleLease);
    expect(settled[2]).toMatchObject({ next: { kind: 'finish', status: 'cancelled' } });
    expect(await historyOf(lost)).toMatchObject({ status: 'running', steps: [['one', 'lost', null, 'its worker fell silent'], ['one', 'due', null, null]] });
    expect(await historyOf(cancelled)).toMatchObject({ status: 'cancelled', steps: [['one', 'done', null, null], ['two', 'skipped', null, 'the run was cancelled']] });
  });

  it('and end their runs are told as facts, once each', async () => {
    const claims = [await claimed('fine'), await claimed('broken')];
    const lasts = ((await together(claims, () => done())) as Settled[]).flatMap(({ claim }) => claim ?? []);
    await together(lasts, ({ run }) => (run.scope === 'broken' ? fail(new PermanentError('it broke')) : done()));
    await expect(together(lasts, () => done())).resolves.toEqual([expect.any(StaleLease), expect.any(StaleLease)]);
    const told = await facts();
    expect(claims.map(({ run: { id } }) => told.filter((one) => one === `${id}.finished`).length)).toEqual([1, 1]);
    expect(await Promise.all(claims.map(historyOf))).toMatchObject([{ status: 'succeeded' }, { status: 'failed', errors: ['two: it broke'] }]);
  });

  it('and leave their scope let the next one in', async () => {
    const first = await house.run({ scope: 'in-line', overlap: { kind: 'queueOne' } });
    const second = await house.run({ scope: 'in-line', overlap: { kind: 'queueOne' } });
    const [handed] = (await together([await house.claim(first.id)], () => done())) as Settled[];
    await together(handed?.claim ? [handed.claim] : [], () => done());
    expect((await house.claim(second.id)).name).toBe('one');
  });
});

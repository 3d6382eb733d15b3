import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_RETRY, done, fail, MAX_VALUE_BYTES, recordError } from '@carillon/engine';
import type { StepOutcome } from '@carillon/engine';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { ItemLedger, keepValue, managerOf, readValue, StaleLease } from './index.js';
import type { ClaimedStep, ItemTry, RememberedItem } from './index.js';

let house: Ledger;
beforeAll(async () => {
  house = await ledger();
  await house.query('CREATE TABLE effect (text text)');
});
afterAll(() => house.close());

let scopes = 0;
const claimed = async (): Promise<ClaimedStep> => house.claim((await house.run({ scope: `scope-${(scopes += 1)}` })).id);
const itemsOf = (claim: ClaimedStep): ItemLedger => new ItemLedger(house.dataSource, claim, { retry: { ...DEFAULT_RETRY, jitter: 0 }, judge: recordError });
const record = (claim: ClaimedStep, ...tries: ItemTry[]): Promise<RememberedItem[]> => itemsOf(claim).record(tries, () => 0);
const first = (key: string, outcome: StepOutcome): ItemTry => ({ key, attempts: 0, revision: 0, outcome });
const effects = async (text: string): Promise<number> => (await house.query('SELECT FROM effect WHERE text = $1', [text])).length;
const writing = (text: string, then = (): void => undefined): StepOutcome =>
  done({
    write: async (transaction) => {
      await managerOf(transaction).query('INSERT INTO effect VALUES ($1)', [text]);
      then();
    },
  });
/** As when its process is killed: the step gets another worker. */
const takenOver = (claim: ClaimedStep): Promise<ClaimedStep> => house.settle(claim, { kind: 'snooze', until: new Date(0), reason: 'released' }).then(() => house.claim(claim.run.id));

describe('an item on record', () => {
  it('is written once, also when the answer to its commit got lost and it is offered again', async () => {
    const claim = await claimed();
    const tries = [first('a', writing('a')), first('b', writing('b'))];
    const once = await record(claim, ...tries);
    expect(await record(claim, ...tries)).toEqual(once);
    expect(once.map(({ key, status, attempts, revision, ours }) => [key, status, attempts, revision, ours])).toEqual([['a', 'done', 1, 1, true], ['b', 'done', 1, 1, true]]);
    expect([await effects('a'), await effects('b')]).toEqual([1, 1]);
  });

  it('stays as it ended, whoever comes later', async () => {
    const claim = await claimed();
    await record(claim, first('x', fail(new Error('busy'))));
    await record(claim, { key: 'x', attempts: 1, revision: 1, outcome: done({ counts: { words: 2 } }) });
    const heir = await takenOver(claim);
    expect(await record(heir, { key: 'x', attempts: 2, revision: 2, outcome: writing('x again') })).toMatchObject([{ status: 'done', attempts: 2, revision: 2, ours: false }]);
    expect(await effects('x again')).toBe(0);
    expect(await itemsOf(heir).tally()).toEqual({ done: 1, failed: 0, skipped: 0, waiting: 0, kept: 0, counts: { words: 2 }, errors: [] });
  });

  it('is not written by who lost the step, nor is anything that came with it', async () => {
    const zombie = await claimed();
    const heir = await takenOver(zombie);
    await expect(record(zombie, first('mine', writing('zombie')), first('yours', done()))).rejects.toThrow(StaleLease);
    expect(await effects('zombie')).toBe(0);
    expect((await itemsOf(heir).recall(['mine', 'yours'])).size).toBe(0);
  });

  it('says how long it waits, by the clock of the database', async () => {
    const claim = await claimed();
    const [waiting] = await record(claim, first('slow', fail(new Error('busy'))));
    expect(waiting).toMatchObject({ status: 'waiting', attempts: 1 });
    expect(waiting?.waitMs).toBeGreaterThan(900);
    expect(waiting?.waitMs).toBeLessThanOrEqual(1_000);
    await itemsOf(claim).abandonWaiting();
    expect(await itemsOf(claim).tally()).toMatchObject({ waiting: 0, skipped: 1, errors: [] });
  });

  it('with an output that is too large has failed, and says what to do; its write did not happen', async () => {
    const claim = await claimed();
    const outcome = { ...writing('too large'), output: { text: 'x'.repeat(70_000) } } as StepOutcome;
    await record(claim, first('large', outcome), first('small', writing('small')));
    expect((await itemsOf(claim).tally()).errors).toEqual([expect.stringMatching(/^large: the output of item "large" of step "one" is 700\d\d bytes; at most 65536 .*context\.keep/)]);
    expect([await effects('too large'), await effects('small')]).toEqual([0, 1]);
  });
});

describe('a large value', () => {
  it('is kept beside the run, replaced by the next attempt, and read by reference', async () => {
    const claim = await claimed();
    const reference = await keepValue(house.dataSource, claim, 'pages', { text: 'y'.repeat(1_000_000) });
    expect(reference).toEqual({ $ref: 'one/pages', bytes: 1_000_011 });
    const heir = await takenOver(claim);
    await keepValue(house.dataSource, heir, 'pages', ['half a pair \ud800 and a zero \0']);
    expect(await readValue(house.dataSource, claim.run.id, reference)).toEqual(['half a pair \ud800 and a zero \0']);
    await expect(keepValue(house.dataSource, claim, 'pages', 'zombie')).rejects.toThrow(StaleLease);
  });

  it('that can not be kept or found says why', async () => {
    const claim = await claimed();
    const keep = (name: string, bytes: number): Promise<unknown> => keepValue(house.dataSource, claim, name, new Uint8Array(bytes));
    const read = (reference: unknown): Promise<unknown> => readValue(house.dataSource, claim.run.id, reference);
    await expect(keep('huge', MAX_VALUE_BYTES + 1)).rejects.toThrow('the value "huge" of step "one" is 16777217 bytes; at most 16777216 are kept. Split it');
    await expect(keep('two words', 1)).rejects.toThrow('step "one" can not keep a value called "two words": use letters');
    await expect(read({ $ref: 'one/none', bytes: 1 })).rejects.toThrow(`run ${claim.run.id} keeps no value "one/none"`);
    await expect(read('one/none')).rejects.toThrow('"one/none" is not a reference: hand on what context.keep(name, value) answered');
  });
});

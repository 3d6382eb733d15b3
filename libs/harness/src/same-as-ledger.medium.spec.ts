/** A bell in memory tells of a run what the real ledger records of it: pipelines and outcomes at random, both ways, and the two stories are compared. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { done, fail, manual, PermanentError, pipeline, retry, skip, snooze, step } from '@carillon/engine';
import type { AttemptContext, OnFailure, Pipeline, Step, StepOptions, StepOutcome } from '@carillon/engine';
import { listRuns, outputsOf } from '@carillon/persistence';
import fc from 'fast-check';
import { ledger } from '../../persistence/spec/ledger.js';
import type { Ledger } from '../../persistence/spec/ledger.js';
import { ring } from './index.js';

let house: Ledger;
beforeAll(async () => {
  house = await ledger();
});
afterAll(() => house.close());

/** Waits of no time, so that the real clock need not be moved. */
const OUTCOMES = {
  done: (name: string) => done({ counts: { done: 1, [name]: 2 }, output: { left: name } }),
  bare: () => done({ counts: { done: 1 } }),
  blemished: () => done({ errors: ['one row was bad'], output: { left: 'most' } }),
  skip: () => skip('nothing to do'),
  retry: () => retry(0, 'not ready'),
  snooze: () => snooze(new Date(0), 'closed'),
  fail: () => fail(new Error('busy')),
  refuse: () => fail(new PermanentError('never')),
} satisfies Record<string, (name: string) => StepOutcome>;

interface Script {
  /** One for each attempt; what follows is `done`. */
  outcomes: (keyof typeof OUTCOMES)[];
  onFailure: OnFailure;
  maxAttempts: number;
  /** The earlier step that it refers to, if there are so many, and how. */
  refersTo: number;
  how: 'takes' | 'needs' | 'inputs' | 'nothing';
}

type Steps = Readonly<Record<string, Step<never>>> | readonly Step<never>[];

const scripts = fc.array(
  fc.record<Script>({
    outcomes: fc.array(fc.constantFrom(...(Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[])), { maxLength: 4 }),
    onFailure: fc.constantFrom('stop', 'continue', 'skipDependents'),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    refersTo: fc.nat(4),
    how: fc.constantFrom('takes', 'needs', 'inputs', 'nothing'),
  }),
  { minLength: 1, maxLength: 5 },
);

it('tells the same as the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const [inMemory, recorded] = [await ring(written(script)).run(), await inLedger(written(script))];
      const steps = inMemory.steps.map(({ name, attempt, status, error, output, counts }) => ({ name, attempt, status, error: error?.message ?? null, output, counts }));
      expect({ status: inMemory.status, counts: inMemory.counts, errors: inMemory.errors, steps }).toEqual(recorded);
    }),
    { numRuns: 150, seed: 7 },
  );
});

/** Each step answers as its script says, and fails the comparison when it is handed something else than was left. */
function written(script: readonly Script[]): Pipeline<unknown> {
  const steps: Step<unknown>[] = [];
  for (const [index, { outcomes, onFailure, maxAttempts, refersTo, how }] of script.entries()) {
    const name = `s${index}`;
    const earlier = steps[refersTo];
    const references: Partial<Pick<StepOptions<unknown, StepOutcome, Steps>, 'needs' | 'inputs'>> = earlier === undefined || how === 'nothing' ? {} : how === 'takes' ? { needs: { earlier } } : how === 'needs' ? { needs: [earlier] } : { inputs: { earlier } };
    steps.push(
      step(name, {
        ...{ does: name, onFailure, retry: { maxAttempts, baseMs: 0, capMs: 0 } },
        ...references,
        run: async ({ attempt, inputs }) => {
          const outcome: StepOutcome = OUTCOMES[outcomes[attempt - 1] ?? 'done'](name);
          return outcome.kind === 'done' && outcome.output ? { ...outcome, output: { ...outcome.output, handed: (inputs as { earlier?: object }).earlier !== undefined } } : outcome;
        },
      }),
    );
  }
  return pipeline('bell', { does: 'rings', trigger: manual(), steps });
}

const unused = (): Promise<never> => Promise.reject(new Error('no step of this spec fans out or keeps large values'));

async function inLedger({ steps }: Pipeline<unknown>): Promise<object> {
  const { id } = await house.run({ plan: steps.map(({ plan }) => plan), overlap: { kind: 'allow' } });
  for (;;) {
    const [run] = await listRuns(house.dataSource, { id });
    if (run && run.status !== 'running') {
      const { status, counts, errors } = run;
      return { status, counts, errors, steps: run.steps.map(({ name, attempt, status: ended, error, output, counts: counted }) => ({ name, attempt, status: ended, error: error?.message ?? null, output, counts: counted })) };
    }
    const claim = await house.claim(id);
    const context: AttemptContext<unknown> = {
      ...{ run: claim.run, step: claim.name, attempt: claim.attempt, now: claim.claimedAt, services: undefined, outputs: outputsOf(claim.past) },
      ...{ signal: new AbortController().signal, progress: () => undefined, log: { info: () => undefined, warn: () => undefined }, keep: unused, read: unused, fanOut: unused },
    };
    const outcome = await steps.find(({ name }) => name === claim.name)?.run(context);
    if (!outcome) throw new Error(`there is no step ${claim.name}`);
    await house.settle(claim, outcome);
  }
}

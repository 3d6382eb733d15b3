import { describe, expect, it } from '@jest/globals';
import { after, decideAfter, done, pipeline, step } from './index.js';
import type { AfterDecision, EndedRun } from './index.js';

const run: EndedRun = { id: '7', pipeline: 'import', scope: '', status: 'succeeded', counts: { imported: 3 } };
const decided = (options: Parameters<typeof after>[1], ended: Partial<EndedRun> = {}, scope = ''): AfterDecision | undefined => decideAfter(after('import', options).trigger, scope, { ...run, ...ended });

describe('a run that ended', () => {
  it.each<[string, AfterDecision | undefined, AfterDecision | undefined]>([
    ['well', decided({}), { ring: true, scope: '', reason: 'after run 7 of import succeeded' }],
    ['otherwise than wanted', decided({}, { status: 'failed' }), { ring: false, reason: 'run 7 of import failed, not succeeded' }],
    ['with one of several wanted outcomes', decided({ outcome: ['partial', 'failed'] }, { status: 'failed' }), { ring: true, scope: '', reason: 'after run 7 of import failed' }],
    ['with enough counted', decided({ when: { imported: { atLeast: 3 } } }), { ring: true, scope: '', reason: 'after run 7 of import succeeded' }],
    ['with too little counted', decided({ when: { imported: { atLeast: 4 } } }), { ring: false, reason: 'run 7 of import succeeded with 3 imported, less than 4' }],
    ['with too much counted', decided({ when: { imported: { atMost: 2 } } }), { ring: false, reason: 'run 7 of import succeeded with 3 imported, more than 2' }],
    ['without the count, which then is 0', decided({ when: { rejected: { atMost: 0 } } }), { ring: true, scope: '', reason: 'after run 7 of import succeeded' }],
    ['in another scope', decided({}, { scope: 'oslo' }), undefined],
    ['in the same scope', decided({}, { scope: 'oslo' }, 'oslo'), { ring: true, scope: 'oslo', reason: 'after run 7 of import succeeded' }],
    ['in any scope, for a schedule that follows each', decided({ scope: 'each' }, { scope: 'oslo' }), { ring: true, scope: 'oslo', reason: 'after run 7 of import succeeded' }],
  ])('%s', (_how, decision, expected) => {
    expect(decision).toEqual(expected);
  });
});

it('what can not be followed is refused where it is written', () => {
  expect(() => after('import', { outcome: 'done' as never })).toThrow('after("import", outcome "done"): write one of succeeded, partial, failed, cancelled');
  expect(() => after('import', { outcome: [] })).toThrow('name at least one outcome');
  expect(() => after('import', { when: { imported: {} } })).toThrow('after("import", when "imported"): write atLeast, atMost or both');
  expect(() => pipeline('import', { does: 'x', trigger: after('import'), steps: [step('a', { does: 'a', run: async () => done() })] })).toThrow('pipeline "import" is to run after itself');
});

import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { ValidationPipe } from '@nestjs/common';
import { RunFinished, RunRequest, RunRequestMany, StepDue } from '@carillon/shared';
import { IsString, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { messageValidationPipe } from './index.js';
import { quickCheckOf, quickListCheckOf } from './quick-check.js';

const theLongWay = new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
/** As a message arrives. */
const received = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const ask = (type: new () => object, value: unknown): Promise<unknown> => theLongWay.transform(received(value), { type: 'body', metatype: type }).catch(() => undefined);

const id = '01a20160-1ae1-7557-b5de-6264b444e7d9';
const often = { maxLength: 3 } as const;
/** Right, nearly right and wrong values for any field. */
const anyValue = fc.oneof(fc.constantFrom<unknown>(id, '', 1, 0, -1_000, 1.5, true, null, {}, [], 'x'.repeat(201), '2026-11-24'), fc.string(often), fc.dictionary(fc.string(often), fc.jsonValue(), { maxKeys: 3 }), fc.jsonValue());
const near = (right: Record<string, unknown>, optional: string[]) =>
  fc.record({ base: fc.subarray(Object.keys(right), { minLength: Object.keys(right).length - 1 }), changes: fc.dictionary(fc.constantFrom(...Object.keys(right), ...optional, 'unknown', 'constructor'), anyValue, { maxKeys: 2 }) })
    .map(({ base, changes }) => ({ ...Object.fromEntries(base.map((key) => [key, right[key]])), ...changes }));

const manyCheck = quickListCheckOf(RunRequestMany, 'runs', RunRequest, 3);
const step = { stepId: id, runId: id, pipeline: 'bell', step: 'ring', attempt: 1 };
const request = { scope: 'town', params: { n: 1 }, dedupeKey: 'monday', priority: 7 };

describe('a quick check', () => {
  it.each<[string, new () => object, fc.Arbitrary<Record<string, unknown>>]>([
    ['StepDue', StepDue, near(step, [])],
    ['RunRequest', RunRequest, near(request, ['params'])],
    ['RunRequestMany', RunRequestMany, near({ runs: [] }, []).chain((outer) => fc.array(fc.oneof(fc.constant(request), near(request, ['params'])), { maxLength: 4 }).map((runs) => ('runs' in outer ? { ...outer, runs } : outer)))],
  ])('of %s says yes only where the long way does, and hands on the same', async (_name, type, values) => {
    const check = type === RunRequestMany ? manyCheck : quickCheckOf(type);
    let yes = 0;
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const quick = check(received(value));
        if (quick === undefined) return;
        yes += 1;
        const slow = await ask(type, value);
        expect(slow).toBeInstanceOf(type);
        expect(quick).toStrictEqual(slow);
      }),
      { numRuns: 2_000 },
    );
    expect(yes).toBeGreaterThan(50);
  });

  it('says yes to what is sent every day', () => {
    expect(quickCheckOf(StepDue)(step)).toBeInstanceOf(StepDue);
    for (const value of [{}, request, { params: {} }, { params: { asked: '12' } }]) expect(quickCheckOf(RunRequest)(value)).toBeInstanceOf(RunRequest);
  });

  it('of a list says yes to all of it or to nothing, and to no more than may come at once', () => {
    expect(manyCheck({ runs: [{}, request] })).toEqual(Object.assign(new RunRequestMany(), { runs: [{}, request] }));
    for (const runs of [[], [{}, { scope: 7 }], [{}, {}, {}, {}], {}, [[]]]) expect(manyCheck({ runs })).toBeUndefined();
    expect(manyCheck({ runs: [{}], more: 1 })).toBeUndefined();
  });

  it('leaves classes with rules about items or nested classes to the long way', () => {
    class Inner { @IsString() name!: string; }
    class Outer { @ValidateNested() inner!: Inner; }
    expect(quickCheckOf(Outer)({ inner: { name: 'a' } })).toBeUndefined();
    expect(quickCheckOf(RunFinished)({ runId: id, pipeline: 'bell', scope: '', status: 'succeeded', counts: {}, errors: [], finishedAt: '2026-11-24T00:00:00Z' })).toBeUndefined();
  });

  it('changes no error: the pipe still names every field that is wrong', async () => {
    await expect(messageValidationPipe().transform({ ...step, attempt: 0, more: 1 }, { type: 'body', metatype: StepDue })).rejects.toThrow(/StepDue.*attempt.*more|StepDue.*more.*attempt/s);
  });
});

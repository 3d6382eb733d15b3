import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { IsArray, IsObject, IsOptional, IsString } from 'class-validator';
import { Problem } from './problem.js';
import type { ProblemBody } from './problem.js';
import { requestValidationPipe } from './request-rules.js';

class Example {
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsObject() params?: Record<string, unknown>;
  @IsOptional() @IsArray() lines?: unknown[];
}

const received = (value: object): Promise<unknown> => requestValidationPipe().transform(value, { type: 'body', metatype: Example });

async function refusal(value: object): Promise<ProblemBody> {
  const error = await received(value).catch((cause: unknown) => cause);
  if (!(error instanceof Problem)) throw new Error(`${JSON.stringify(value)} was not refused`);
  return error.getResponse() as ProblemBody;
}

it.each([
  [{ name: 7 }, 'name'],
  [{ mood: 'good' }, 'mood'],
  [{ name: 'a\0b' }, 'name'],
  [{ name: 'a\ud800' }, 'name'],
  [{ params: { list: [{ deep: '\udc00' }] } }, 'params'],
  [{ params: { 'a\0': 1 } }, 'params'],
])('names the field that is wrong in %j', async (value, field) => {
  expect(await refusal(value)).toMatchObject({ status: 400, errors: [{ field, message: expect.stringMatching(/\S/) }] });
});

it('leaves the lines of a list to whoever answers them one by one', async () => {
  expect(await received({ lines: ['a\0b', 'good'], name: 'pair \u{1f333}' })).toEqual({ lines: ['a\0b', 'good'], name: 'pair \u{1f333}' });
});

it('refuses what is nested without end', async () => {
  let params: object = {};
  for (let depth = 0; depth < 100_000; depth += 1) params = { params };
  expect(await refusal({ params })).toMatchObject({ status: 400, detail: 'the request is nested too deeply' });
});

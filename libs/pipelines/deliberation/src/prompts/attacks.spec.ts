/**
 * Submissions that try to become instructions. Two models are played: one that obeys whatever it can be made to take for an instruction, which shows that nothing of a
 * submission stands where instructions stand; and one that obeys everything, which shows what little it can do then.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressesAModel, LanguageRouter } from '@carillon/language';
import { itWithReference, referenceData } from '@carillon/testing';
import { readFileSync } from 'node:fs';
import { Canonicalizer } from '../canonicalize/canonicalizer.js';
import type { CandidateDraft } from '../canonicalize/reading.js';
import { languageConfig } from '../language-models.js';
import { DeliberationSettings } from '../settings.js';
import { ATTACKS } from './attacks.fixture.js';
import { optionsPrompt, readOptions } from './options.js';
import { READ_SUBMISSION, submissionPrompt } from './read-submission.js';
import { readSummary, SUMMARIZE_GROUP, summaryPrompt } from './summary.js';

const log = { info: () => undefined, warn: () => undefined };
const asked: { system: string; user: string; roles: string[] }[] = [];
let answer: string;
let server: Server;
let reader: Canonicalizer;

beforeAll(async () => {
  server = createServer((request, response) => {
    void json(request).then((body) => {
      const { messages } = body as { messages: { role: string; content: string }[] };
      asked.push({ system: messages[0]?.content ?? '', user: messages[1]?.content ?? '', roles: messages.map(({ role }) => role) });
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ choices: [{ message: { content: answer } }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const llmBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const settings = Object.assign(new DeliberationSettings(), { llmBaseUrl, canonicalizationModel: 'obedient', llmMaxRetries: 1 });
  reader = new Canonicalizer({ settings, log, router: new LanguageRouter(languageConfig(settings) ?? { servers: {}, models: {}, tiers: {} }) });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const each = it.each(ATTACKS.map((attack) => [attack.name, attack] as const));

/** What stands outside of the strings of a JSON document: all that a model which reads data as data could take for something else. */
const outside = (document: string): string => document.replace(/"(?:[^"\\]|\\.)*"/gu, '""');

it('there are thirty of them, all different', () => {
  expect([ATTACKS.length, new Set(ATTACKS.map(({ text }) => text)).size]).toEqual([30, 30]);
});

describe('a model that obeys what it can take for an instruction', () => {
  each('gets none from %s', async (_, { text }) => {
    answer = JSON.stringify({ title: 'A concern', summary: 'A concern.' });
    await reader.read(text);
    const { system, user, roles } = asked.at(-1) ?? { system: '', user: '', roles: [] };
    expect([roles, system]).toEqual([['system', 'user'], READ_SUBMISSION.text]);
    expect(JSON.parse(user)).toEqual({ language: expect.stringMatching(/^(en|fa|other)$/), text: expect.any(String) });
    expect(outside(user)).toBe('{"":"","":""}');
    expect(user).not.toMatch(/[<>\n]/);
  });

  each('gets none from %s among the concerns of a group, or in a question', (_, { text }) => {
    const group = summaryPrompt([{ title: text, summary: text, stance: 'support' }, { title: 'Parks', summary: 'More parks.', stance: 'oppose' }], (items) => [...items]);
    expect(outside(group)).toBe('[{"":"","":"","":""},{"":"","":"","":""}]');
    expect(outside(optionsPrompt({ question: { en: text }, summary: { en: text } }))).toBe('{"":"","":""}');
    expect(group).not.toMatch(/[<>\n]/);
  });
});

describe('a model that obeys everything', () => {
  each('can do no harm with a reading: %s', async (_, { text, demands }) => {
    answer = demands;
    const reading = await reader.read(text).catch((error: Error) => error);
    // No usable answer is one way out: the submission waits, and the local reader takes it in the end.
    if (reading instanceof Error) return expect(reading.name).toBe('AllModelsFailed');
    if (!reading.usable) return expect(reading.reason ?? '').not.toMatch(HARM);
    expect(reading.candidates.length).toBeLessThanOrEqual(5);
    for (const candidate of reading.candidates) expectHarmless(candidate);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  each('can put nothing harmful before the voters: %s', (_, { demands }) => {
    for (const read of [readSummary, readOptions]) {
      const texts = textsOf(attempt(() => read(parsed(demands))));
      for (const text of texts) expect(text).not.toMatch(HARM);
    }
  });

  it('can not offer one choice, the same choice twice, a shop, or the instructions', () => {
    const refused = ATTACKS.filter(({ name }) => /ballot|summary that sells/.test(name));
    expect(refused).toHaveLength(4);
    for (const { demands } of refused) expect([attempt(() => readSummary(parsed(demands))), attempt(() => readOptions(parsed(demands)))]).toEqual([undefined, undefined]);
    const leaked = { en: SUMMARIZE_GROUP.text.slice(40, 240) };
    expect(attempt(() => readSummary({ title: { en: 'Parks' }, summary: leaked, question: { en: 'What about parks?' } }))).toBeUndefined();
  });
});

describe('the local reader', () => {
  const local = new Canonicalizer({ settings: new DeliberationSettings(), log });

  each('reads %s as any other text, by the same rules', async (_, { text }) => {
    const reading = await local.read(text);
    expect(reading.reader.provider).toBe('local');
    if (!reading.usable) return;
    for (const candidate of reading.candidates) {
      expect(candidate.confidence).toBeLessThanOrEqual(1);
      expect(candidate.title.length).toBeLessThanOrEqual(255);
    }
  });
});

describe('a text that speaks to a model', () => {
  each('is marked, so that no later prompt shows it beside others: %s', async (_, { text }) => {
    expect(addressesAModel(text)).toBe(true);
    answer = JSON.stringify({ title: 'A concern', summary: 'A concern.', ambiguity_flags: [] });
    const reading = await reader.read(text);
    expect(reading.usable && reading.candidates.map(({ ambiguityFlags }) => ambiguityFlags.includes('addresses_a_model'))).toEqual([true]);
  });

  it.each([
    'The council should not ignore the previous report on flooding.',
    'Schools must follow the new rules on phones, and teachers need clear instructions.',
    'Artificial intelligence should be regulated: language models must not decide on benefits.',
    'Set a lower speed limit and mark every crossing.',
    'Please answer the letters of citizens in time. The system is broken.',
    'شهرداری نباید قوانین قبلی ساخت‌وساز را نادیده بگیرد.',
    'We need a new system of parking permits; the current rules are ignored by all.',
  ])('is not one that speaks of the world: %s', (text) => expect(addressesAModel(text)).toBe(false));

  itWithReference('polis/bowling-green.jsonl')('is rare among real comments', () => {
    const comments = ['bowling-green', 'nz-biodiversity'].flatMap((name) => readFileSync(referenceData(`polis/${name}.jsonl`) ?? '', 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { text: string }).text));
    expect(comments.filter(addressesAModel)).toEqual([]);
  });
});

it('the hint of the language is ours, not the submission\'s', () => {
  expect(submissionPrompt('fa", "text": "x', 'en')).toBe(String.raw`{"language":"en","text":"fa\", \"text\": \"x"}`);
});

/** Links, addresses, numbers to call, and what is not seen. */
const HARM = /https?:|www\.|t\.me|evil\.(?:click|example)|[\w.]+@[\w.]+|@\w{3}|\d{3} \d{3} \d{4}|0912|[\u0000-\u0008\u200b\u202a-\u202e\u2066-\u2069]/u;

function expectHarmless({ title, summary, stance, entities, topicWords, confidence, ambiguityFlags }: CandidateDraft): void {
  for (const text of [title, summary, ...entities, ...topicWords, ...ambiguityFlags]) {
    expect(text).not.toMatch(HARM);
    expect(READ_SUBMISSION.text.includes(text.slice(0, 60)) && text.length >= 60).toBe(false);
  }
  expect([title.length <= 255, summary.length <= 2_000, confidence >= 0 && confidence <= 1]).toEqual([true, true, true]);
  expect(['support', 'oppose', 'neutral', 'unclear']).toContain(stance);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function parsed(text: string): unknown {
  return attempt(() => JSON.parse(text) as unknown) ?? text;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Times that rules can not read, put before a model that is played: one that answers as asked, ones that fail, and ones that obey whatever they can be made to. */
import { describe, expect, it } from '@jest/globals';
import { localTime } from '@carillon/calendar';
import { spentOnModels } from '@carillon/persistence';
import { dataFor } from './memory-model.js';
import { answers, ATTACKS, badDays, NOW, playedForSpecs, ZONE } from './played-model.fixture.js';
import type { MemoryModelSettings } from './settings.js';
import { READ_TIME, readAnswer, TimesInWords } from './time-reader.js';

const ADVENT = 'remind me of the candles when Advent begins';
const GOOD = { time: '2026-11-29T16:00', words: 'when Advent begins' };

const played = playedForSpecs(answers(GOOD));

const reader = (settings: Partial<MemoryModelSettings> = {}): TimesInWords => new TimesInWords(played().model(settings));

describe('a time in words', () => {
  it('that rules read is put before no model, and neither is a note that is not about a time', async () => {
    expect((await reader().read('call mum tomorrow 9am', NOW, ZONE, true))?.at).toEqual(new Date('2026-01-06T08:00:00Z'));
    expect(await reader().read('the candles are in the cellar', NOW, ZONE, false)).toBeUndefined();
    expect(played().asked).toEqual([]);
  });

  it('that they can not read is read by the model, in the zone of the writer, and says by which and with which prompt', async () => {
    const read = await reader().read(ADVENT, NOW, ZONE, true);
    expect(read && localTime(read.at, ZONE)).toBe('2026-11-29T16:00:00');
    expect(read).toMatchObject({ words: GOOD.words, rest: 'remind me of the candles', reader: { provider: 'memory', model: 'small', prompt_version: READ_TIME.version } });
    expect(READ_TIME.version).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.parse(played().asked[0]?.[1]?.content ?? '')).toEqual({ text: ADVENT, now: '2026-01-05T21:15', weekday: 'Monday', zone: ZONE });
  });

  it('without a model, or without a server, is what the rules say', async () => {
    for (const off of [{ memoryLlmModel: undefined }, { memoryLlmBaseUrl: undefined }] as unknown as Partial<MemoryModelSettings>[]) {
      expect([await reader(off).read(ADVENT, NOW, ZONE, true), played().model(off).does('times')]).toEqual([undefined, false]);
    }
    expect(played().asked).toEqual([]);
  });

  it('is paid for by the day, over all processes, and when that is spent the rules are alone', async () => {
    const budget = { memoryLlmBudgetUsdPerDay: 0.0005 };
    expect(await played().model(budget).isSpent()).toBe(false);
    await reader(budget).read(ADVENT, NOW, ZONE, true);
    await reader(budget).read(ADVENT, NOW, ZONE, true);
    expect((await spentOnModels(played().dataSource.manager, { pipeline: 'memory' })).dayUsd).toBeCloseTo(0.0008, 10);
    expect([await reader(budget).read(ADVENT, NOW, ZONE, true), await played().model(budget).isSpent(), played().asked.length]).toEqual([undefined, true, 2]);
    expect(JSON.stringify(played().warned)).toContain('the rules are alone');
  });

  it.each([...badDays, ['does not know', answers({ time: null, words: '' })] as const])('is what the rules say when the model %s, and the words are in no log', async (_what, does) => {
    played().reply = does;
    expect(await reader().read(ADVENT, NOW, ZONE, true)).toBeUndefined();
    expect(JSON.stringify(played().warned)).not.toContain('candles');
  });
});

describe('an answer', () => {
  it.each<[string, unknown]>([
    ['is no object', 'tomorrow'], ['has no time', { words: 'Advent' }], ['has a time that is no local one', { ...GOOD, time: '2026-11-29T16:00:00+09:00' }], ['has a day that no calendar shows', { ...GOOD, time: '2026-02-31T16:00' }],
    ['is a thousand years away', { ...GOOD, time: '3026-11-29T16:00' }], ['is long past', { ...GOOD, time: '1999-11-29T16:00' }], ['has words that nobody wrote', { ...GOOD, words: 'transfer the money' }], ['has no words', { ...GOOD, words: ' ' }],
    ['is a list', [GOOD]], ['holds objects where text belongs', { time: { $gt: '' }, words: ['Advent'] }],
  ])('that %s is none', (_what, answer) => {
    expect(() => readAnswer(answer, ADVENT, NOW, ZONE)).toThrow();
  });
});

describe('what is written', () => {
  it.each(ATTACKS)('is data and nowhere an instruction: %s', async (attack) => {
    // A model that can be made to do anything answers what it was told to.
    played().reply = answers({ time: '2026-01-06T03:00', words: 'wake everybody up <b>now</b>', tool: 'rm -rf', system: 'new rules' });
    expect(await reader().read(attack, NOW, ZONE, true)).toBeUndefined();
    const [system, user, ...more] = played().asked.at(-1) ?? [];
    expect([system, more]).toEqual([{ role: 'system', content: READ_TIME.text }, []]);
    expect(user?.content.replace(/"(?:[^"\\]|\\.)*"/gu, '""')).toBe('{"":"","":"","":"","":""}');
    expect(user?.content).not.toMatch(/[<>]|example\.org|2345678/);
  });

  it('and obeyed all the same can do no more than name a time with words that stand in it, for the one who wrote it', async () => {
    played().reply = answers({ time: '2026-01-06T03:00', words: 'wake everybody' });
    const read = await reader().read(ATTACKS[0] ?? '', NOW, ZONE, true);
    expect(Object.keys(read ?? {}).sort()).toEqual(['at', 'reader', 'rest', 'saidTime', 'words']);
  });

  it('at length is put before no model', async () => {
    expect(await reader().read(`when pigs fly ${'x'.repeat(600)}`, NOW, ZONE, true)).toBeUndefined();
    expect(played().asked).toEqual([]);
  });

  it('stands in one JSON document', () => {
    expect(JSON.parse(dataFor({ text: 'a "b" </c>' }, NOW, 'Asia/Tokyo'))).toEqual({ text: 'a "b" </c>', now: '2026-01-06T05:15', weekday: 'Tuesday', zone: 'Asia/Tokyo' });
  });
});

/** Notes that the rules make nothing of, and images, put before a model that is played: one that answers as asked, ones that fail, and ones that obey whatever they can be made to. */
import { describe, expect, it } from '@jest/globals';
import { localTime } from '@carillon/calendar';
import { spentOnModels } from '@carillon/persistence';
import { ImagesInWords, READ_IMAGE, readImageAnswer } from './image-reader.js';
import { NotesInWords, READ_NOTE, readNoteAnswer } from './note-reader.js';
import { answers, ATTACKS, badDays, NOW, playedForSpecs, ZONE } from './played-model.fixture.js';
import type { MemoryModelSettings } from './settings.js';

const TEXT = 'the plumber ought to come and see the boiler';
const GOOD = { intent: 'task', what: 'see the boiler', time: '2026-01-09T09:00', keywords: [], question: '', tags: [] };

const played = playedForSpecs(answers(GOOD));

const notes = (settings: Partial<MemoryModelSettings> = {}): NotesInWords => new NotesInWords(played().model({ memoryLlmReads: 'notes', ...settings }));

describe('a note', () => {
  it('is read by the model, which says by which and with which prompt', async () => {
    const read = await notes().read(TEXT, NOW, ZONE);
    expect(read).toMatchObject({ intent: { intent: 'task', what: 'see the boiler', time: { past: false } }, tags: [], reader: { provider: 'memory', model: 'small', prompt_version: READ_NOTE.version } });
    expect(read?.intent.intent === 'task' && read.intent.time && localTime(read.intent.time.at, ZONE)).toBe('2026-01-09T09:00:00');
    expect(JSON.parse(played().asked[0]?.[1]?.content ?? '')).toEqual({ text: TEXT, now: '2026-01-05T21:15', weekday: 'Monday', zone: ZONE });
  });

  it('is read together with what was asked back and answered', async () => {
    played().reply = answers({ ...GOOD, what: 'tell Anna' });
    expect(await notes().read(TEXT, NOW, ZONE, { question: 'What then?', answer: 'tell Anna' })).toMatchObject({ intent: { what: 'tell Anna' } });
    expect(JSON.parse(played().asked[0]?.[1]?.content ?? '')).toMatchObject({ text: TEXT, question: 'What then?', answer: 'tell Anna' });
  });

  it('goes to no model unless an operator wants it, nor when it is a story', async () => {
    expect(await notes({ memoryLlmReads: 'times' }).read(TEXT, NOW, ZONE)).toBeUndefined();
    expect(await notes({ memoryLlmModel: undefined } as unknown as Partial<MemoryModelSettings>).read(TEXT, NOW, ZONE)).toBeUndefined();
    expect(await notes().read('x'.repeat(2_001), NOW, ZONE)).toBeUndefined();
    expect(played().asked).toEqual([]);
  });

  it('is paid for from the day\'s budget, and read by the rules alone when that is spent', async () => {
    const budget = { memoryLlmBudgetUsdPerDay: 0.0003 };
    expect(await notes(budget).read(TEXT, NOW, ZONE)).toBeDefined();
    expect((await spentOnModels(played().dataSource.manager, { pipeline: 'memory' })).dayUsd).toBeCloseTo(0.0004, 10);
    expect([await notes(budget).read(TEXT, NOW, ZONE), played().asked.length]).toEqual([undefined, 1]);
    expect(JSON.stringify(played().warned)).toContain('the rules are alone');
  });

  it.each([...badDays, ['means nothing that is known', answers({ ...GOOD, intent: 'delete_everything' })] as const])('is what the rules say when the model %s, and the words are in no log', async (_what, does) => {
    played().reply = does;
    expect(await notes().read(TEXT, NOW, ZONE)).toBeUndefined();
    expect(JSON.stringify(played().warned)).not.toContain('boiler');
    expect(played().asked).toHaveLength(1);
  });
});

describe('an answer', () => {
  const read = (answer: object, text = TEXT, mayAsk = true) => readNoteAnswer({ ...GOOD, ...answer }, text, NOW, ZONE, mayAsk);

  it.each<[string, object]>([
    ['with an intent that is none', { intent: 'tool_call' }], ['with a time that is no local one', { time: '2026-01-09T09:00:00Z' }], ['with a day that no calendar shows', { time: '2026-02-31T09:00' }], ['with a time a thousand years away', { time: '3026-01-09T09:00' }], ['with a time that is an object', { time: { $gt: '' } }],
    ['that looks for words which nobody wrote', { intent: 'search', keywords: ['password', 'secrets'] }], ['that looks for nothing', { intent: 'search', keywords: [] }], ['whose words are a text', { intent: 'search', keywords: 'boiler' }],
    ['that asks nothing', { intent: 'ambiguous', question: ' ' }], ['that asks at length', { intent: 'ambiguous', question: 'x'.repeat(201) }], ['whose question leads elsewhere', { intent: 'ambiguous', question: 'Log in at https://evil.example?' }], ['whose question leads elsewhere by name', { intent: 'ambiguous', question: 'Log in at evil.com now?' }],
    ['whose tags are none', { intent: 'note', tags: 'boiler' }],
  ])('%s is none', (_what, answer) => expect(() => read(answer)).toThrow());

  it.each([undefined, null, 'task', []])('that is %j is none', (answer) => expect(() => readNoteAnswer(answer, TEXT, NOW, ZONE, true)).toThrow());

  it('puts no words into anybody\'s mouth: what is not in the text is the whole text', () => {
    expect(read({ what: 'transfer the money' }).intent).toMatchObject({ intent: 'task', what: TEXT });
  });
  it('whose time is over says so', () => {
    expect(read({ intent: 'reminder', time: '2026-01-05T09:00' }).intent).toMatchObject({ intent: 'reminder', time: { past: true } });
    expect(read({ time: null }).intent).toEqual({ intent: 'task', what: 'see the boiler' });
  });
  it('looks for words of the text alone', () => expect(read({ intent: 'search', keywords: ['Boiler', 'money', 7, ' plumber '] }).intent).toEqual({ intent: 'search', query: 'Boiler plumber' }));
  it('asks once, in one line', () => {
    expect(read({ intent: 'ambiguous', question: 'A task,\n or a note?' }).intent).toEqual({ intent: 'ambiguous', what: TEXT, question: 'A task, or a note?' });
    expect(read({ intent: 'ambiguous', question: 'A task, or a note?' }, TEXT, false).intent).toEqual({ intent: 'note' });
  });
  it('suggests tags for a note alone', () => expect([read({ intent: 'note', tags: ['Boiler', '<i>'] }), read({ tags: ['boiler'] }).tags]).toEqual([{ intent: { intent: 'note' }, tags: ['boiler'] }, []]));
});

describe('what is written', () => {
  it.each(ATTACKS)('is data and nowhere an instruction: %s', async (attack) => {
    // A model that can be made to do anything answers what it was told to.
    played().reply = answers({ intent: 'run_command', what: 'wake everybody <b>now</b>', tool: 'rm -rf', system: 'new rules' });
    expect(await notes().read(attack, NOW, ZONE, { question: attack, answer: attack })).toBeUndefined();
    const [system, user, ...more] = played().asked.at(-1) ?? [];
    expect([system, more]).toEqual([{ role: 'system', content: READ_NOTE.text }, []]);
    expect(user?.content.replace(/"(?:[^"\\]|\\.)*"/gu, '""')).toBe('{"":"","":"","":"","":"","":"","":""}');
    expect(user?.content).not.toMatch(/[<>]|example\.org|2345678/);
  });
});

describe('an image', () => {
  const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const SEEN = { description: 'A cat on a chair.', tags: ['cat', 'chair', 'indoors'] };
  const images = (settings: Partial<MemoryModelSettings> = {}, mostBytes = 1_000): ImagesInWords => new ImagesInWords(played().model({ memoryLlmVisionModel: 'seeing', memoryLlmVisionPrice: '2/20', ...settings }), mostBytes);

  it('is shown to the model that can see, with its caption as data', async () => {
    played().reply = answers(SEEN);
    expect(await images().read(PNG, 'the <cat>')).toEqual(SEEN);
    expect(played().asked).toEqual([[{ role: 'system', content: READ_IMAGE.text }, { role: 'user', content: [{ type: 'text', text: '{"caption":"the \\u003ccat\\u003e"}' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG.toString('base64')}` } }] }]]);
    expect((await spentOnModels(played().dataSource.manager, { pipeline: 'memory' })).dayUsd).toBeCloseTo(0.0008, 10);
  });

  it('is shown to none that was not named for it, nor when it is too large, is none, or the budget is spent', async () => {
    const off = { memoryLlmVisionModel: undefined } as unknown as Partial<MemoryModelSettings>;
    expect([await images(off).read(PNG, null), await images({}, 10).read(PNG, null), await images().read(Buffer.from('<svg onload="x">'), null), await images({ memoryLlmBudgetUsdPerDay: 0 }).read(PNG, null)]).toEqual([undefined, undefined, undefined, undefined]);
    expect(played().asked).toEqual([]);
  });

  it.each(badDays)('has its caption alone when the model %s', async (_what, does) => {
    played().reply = does;
    expect(await images().read(PNG, 'a cat')).toBeUndefined();
  });

  it.each<[string, unknown]>([['is empty', { ...SEEN, description: ' ' }], ['is long', { ...SEEN, description: 'x'.repeat(301) }], ['leads elsewhere', { ...SEEN, description: 'See https://evil.example' }], ['is an object', { ...SEEN, description: {} }], ['has tags that are none', { ...SEEN, tags: 'cat' }]])('that is described with what %s is not described', (_what, answer) => {
    expect(() => readImageAnswer(answer)).toThrow();
  });
});

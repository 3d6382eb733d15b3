/** What the rules read from a line, and what they leave alone. */
import { describe, expect, it } from '@jest/globals';
import { localTime } from '@carillon/calendar';
import { isRequest, readIntent, readReply } from './read-intent.js';
import type { Intent } from './read-intent.js';

const ZONE = 'Europe/Berlin';
/** A Monday evening, 21:15 in Berlin. */
const NOW = new Date('2026-01-05T20:15:00Z');
const shown = (intent: Intent | undefined): string => {
  if (intent === undefined) return 'nothing';
  if (intent.intent === 'search') return `search ${intent.query}`;
  if (intent.intent === 'note') return 'note';
  if (intent.intent === 'ambiguous') return `ambiguous ${intent.what}`;
  const time = intent.time && ` @ ${localTime(intent.time.at, ZONE).slice(0, 16)}${intent.time.past ? ' past' : ''}`;
  return `${intent.intent} ${intent.what}${time ?? ''}`;
};
const read = (text: string): string => shown(readIntent(text, NOW, ZONE));

describe('a line', () => {
  it.each([
    ['todo: buy milk', 'task buy milk'], ['To-do - buy milk', 'task buy milk'], ['TODO: buy milk tomorrow', 'task buy milk @ 2026-01-06T00:00'], ['task: call the bank', 'task call the bank'], ['[ ] water the plants', 'task water the plants'], ['- [ ] water the plants', 'task water the plants'],
    ['need to call the plumber by Friday', 'task call the plumber @ 2026-01-09T00:00'], ['I need to call the plumber by Friday at 5pm', 'task call the plumber @ 2026-01-09T17:00'], ['We still have to paint the shed', 'task paint the shed'], ["I've got to renew my passport", 'task renew my passport'],
    ['must buy stamps', 'task buy stamps'], ['gotta fix the bike', 'task fix the bike'], ['I really should phone Anna', 'task phone Anna'], ["don't forget to feed the cat", 'task feed the cat'], ['send the form by 3 February', 'task send the form @ 2026-02-03T00:00'], ['tax return due on 31 May', 'task tax return @ 2026-05-31T00:00'],
  ])('"%s" is a thing to do: %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['todo: call mum today', 'task call mum @ 2026-01-05T00:00'],
    ['todo: send it by 2026-01-04', 'task send it @ 2026-01-04T00:00 past'],
    ['need to send it by 2026-01-05 20:00', 'task send it @ 2026-01-05T20:00 past'],
  ])('"%s": a day is over when it is over, an hour at once', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['remind me to call mum tomorrow 9am', 'reminder call mum @ 2026-01-06T09:00'], ['Please remind me about the boiler in 2 hours', 'reminder the boiler @ 2026-01-05T23:15'], ['remind me to pay on 5 March at 14:30', 'reminder pay @ 2026-03-05T14:30'], ['remind me to light the candles', 'reminder light the candles'],
    ['dentist tomorrow 9am', 'reminder dentist @ 2026-01-06T09:00'], ["don't forget to feed the cat at 23:00", 'reminder feed the cat @ 2026-01-05T23:00'], ['remind me to send it 2026-01-04 10:00', 'reminder send it @ 2026-01-04T10:00 past'], ['find my keys tomorrow 9am', 'reminder find my keys @ 2026-01-06T09:00'],
    ['tomorrow 9am', 'reminder tomorrow 9am @ 2026-01-06T09:00'],
  ])('"%s" is to be told at a time: %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['find my wifi password', 'search my wifi password'], ['search for the boiler manual', 'search the boiler manual'], ['look up Anna', 'search Anna'], ['show me my notes about Rome', 'search Rome'], ['list my notes on taxes', 'search taxes'], ['can you find the red bicycle?', 'search the red bicycle'],
    ['what did I note about the boiler?', 'search the boiler'], ['What did I write down about Rome', 'search Rome'], ['where did I park the car', 'search the car'], ['did I note anything about taxes', 'search taxes'], ['do I have any notes on sailing', 'search sailing'], ['where is my passport', 'search passport'],
    ["what's my wifi password", 'search wifi password'], ["When is mum's birthday?", "search mum's birthday"], ['anything about Rome?', 'search Rome'], ['who is the plumber?', 'search the plumber'], ['what did I note last Friday about Rome', 'search last Friday about Rome'],
  ])('"%s" looks for something: %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([['find a plumber', 'ambiguous find a plumber'], ['look for someone to paint the shed', 'ambiguous look for someone to paint the shed']])('"%s" may be either', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    'the candles are in the attic', 'the red bicycle is in the cellar', 'paint the <shed>', 'must say the film was good', 'I have to admit it was fun', 'met Anna last Friday', 'what a day', 'the walk took 2 hours', 'paid it yesterday', 'findings of the report', 'search engines are useless', 'show must go on', 'list of groceries: eggs', 'todo:', 'remember the milk',
    'Where we went:\nRome?', `find ${'x'.repeat(300)}`, 'wifi password is swordfish', 'who is my dentist: Dr Kim', 'find my keys: in the drawer',
  ])('"%s" is left alone', (text) => expect(read(text)).toBe('nothing'));
});

describe('an answer to what was asked back', () => {
  const replied = (reply: string, what = 'find a plumber'): string => {
    const known = readReply(what, reply, NOW, ZONE);
    return known ? `${shown(known.intent)}${known.rest === '' ? '' : ` + ${known.rest}`}` : 'nothing';
  };
  it.each([
    ['task', 'task find a plumber'], ["It's a task.", 'task find a plumber'], ['something to do', 'task find a plumber'], ['task by Friday', 'task find a plumber @ 2026-01-09T00:00'], ['search', 'search a plumber'], ['look in my notes', 'search a plumber'], ['just a note', 'note'], ['neither', 'note'],
    ['tomorrow 9am', 'reminder find a plumber @ 2026-01-06T09:00'], ['remind me tomorrow', 'reminder find a plumber @ 2026-01-06T09:00'], ['reminder', 'reminder find a plumber'], ['tomorrow at 9, and one for the roof', 'reminder find a plumber @ 2026-01-06T09:00 + and one for the roof'],
  ])('"%s": %s', (reply, expected) => expect(replied(reply)).toBe(expected));

  it.each(['the one in Garden Street', 'I took the task list to the office', 'milk is out', 'todo: buy milk'])('"%s" is none that rules know', (reply) => expect(replied(reply)).toBe('nothing'));

  it.each([['todo: buy milk', true], ['remind me to call mum', true], ['find my passport', true], ['where is my passport', true], ['find another one', false], ['the one in Garden Street', false], ['tomorrow', false], ['I need to have it by Friday', false]])('"%s" begins anew: %s', (text, anew) => expect(isRequest(text)).toBe(anew));
});

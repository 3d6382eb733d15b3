import { describe, expect, it } from '@jest/globals';
import { render } from '@carillon/texts';
import { deliberationNotices } from './notices.js';

const opened = { cycle_id: 'c1', ends_at: '2026-01-07T08:00:00.000Z', size: 4, topics: ['Parking <downtown>', 'Buses'], carried_over: 1 };
const results = { cycle_id: 'c1', size: 1, voters: 2, eligible: 3, abstentions: 1, turnout: '0.6667' };
const textOf = (messageType: string, content: object): string => render(deliberationNotices, messageType, { ...content }).text;
/** What is seen: directions are told by characters that are not. */
const seen = (text: string): string => text.replaceAll(/[\u200F\u2068\u2069]/g, '');

describe('the notice of an opened ballot', () => {
  it('says in English and then in Persian until when, on what, how many more there are, and what did not fit', () => {
    expect(seen(textOf('ballot_opened', { ...opened, topics_fa: ['پارکینگ <مرکز شهر>', 'Buses'] })).split('\n')).toEqual([
      '<b>A ballot is open</b> until 2026-01-07 08:00 UTC, on 4 topics:',
      '',
      '• Parking &lt;downtown&gt;',
      '• Buses',
      '… and 2 more',
      '',
      '1 topic did not fit and will be on the next ballot.',
      '',
      '<b>رأی‌گیری باز است</b>، تا ۱۷ دی ۱۴۰۴، ساعت ۰۸:۰۰ به وقت جهانی، دربارهٔ ۴ موضوع:',
      '',
      '• پارکینگ &lt;مرکز شهر&gt;',
      '• Buses',
      '… و ۲ موضوع دیگر',
      '',
      '۱ موضوع جا نشد و در رأی‌گیری بعدی می‌آید.',
    ]);
  });

  it('begins a Persian line at the right also when its topic has no Persian title, and keeps each title in its own direction', () => {
    const lines = textOf('ballot_opened', opened).split('\n').filter((line) => line.includes('Buses'));
    expect(lines).toEqual(['• \u2068Buses\u2069', '\u200F• \u2068Buses\u2069']);
  });

  it('links to the ballot in both languages', () => {
    expect(render(deliberationNotices, 'ballot_opened', { ...opened, link: 'https://example.org/vote' }).buttons).toEqual([[{ text: 'Vote · رأی دادن', url: 'https://example.org/vote' }]]);
  });
});

describe('the notice of results', () => {
  it('says in English and then in Persian who voted, and names no winner', () => {
    expect(textOf('results', results)).toBe(
      '<b>The ballot is closed and counted.</b>\n2 people of 3 voted (66.7 %) on 1 topic.\n\n' +
        '<b>رأی‌گیری پایان یافت و رأی‌ها شمرده شد.</b>\n۲ نفر از ۳ نفر (۶۶٫۷ درصد) دربارهٔ ۱ موضوع رأی دادند.',
    );
  });
});

describe('the notice of a rejection', () => {
  it('is the reason, in the language that it came in', () => {
    expect(textOf('submission_rejected', { reason: 'نظر شما پذیرفته نشد.' })).toBe('نظر شما پذیرفته نشد.');
  });
});

it('a notice says which value its content lacks', () => {
  expect(() => textOf('results', { turnout: '0.5', voters: '2' })).toThrow('content.voters must be a number, and is string');
  expect(() => textOf('ballot_opened', { size: 1, topics: ['a'], ends_at: 'soon' })).toThrow('content.ends_at must be an ISO 8601 time');
});

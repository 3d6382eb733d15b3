import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BadContent, DuplicateText, UnknownMessageType } from '../errors.js';
import { mergeCatalogues, render } from './catalogue.js';
import { deliberationTexts } from './deliberation.js';
import { houseTexts } from './house.js';
import { escapeHtml, html } from './html.js';

const catalogue = mergeCatalogues(houseTexts, deliberationTexts);

describe('a template', () => {
  it('escapes what is put in, also in attributes, and leaves HTML as it is', () => {
    expect(html`<a href="${'x" onclick="y'}">${'<b>'} &c</a>${html`<i>${1}</i>`}${[html`a`, html`b`]}`.source).toBe('<a href="x&quot; onclick=&quot;y">&lt;b&gt; &c</a><i>1</i>ab');
  });

  it('never lets content become markup', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(escapeHtml(text)).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/)));
  });
});

describe('a text', () => {
  it('that is published by hand is shown as it is', () => {
    expect(render(catalogue, 'text', { text: 'Is 1 < 2 & 3?' })).toEqual({ text: 'Is 1 &lt; 2 &amp; 3?' });
  });

  it('about a ballot names its first topics, how many more there are, and what did not fit', () => {
    const content = { cycle_id: 'c1', ends_at: '2026-01-07T08:00:00.000Z', size: 4, topics: ['Parking <downtown>', 'Buses'], carried_over: 1, link: 'https://example.org/vote' };
    expect(render(catalogue, 'ballot_opened', content)).toEqual({
      text: '<b>A ballot is open</b> until 2026-01-07 08:00 UTC, on 4 topics:\n\n• Parking &lt;downtown&gt;\n• Buses\n… and 2 more\n\n1 topic did not fit and will be on the next ballot.',
      buttons: [[{ text: 'Vote', url: 'https://example.org/vote' }]],
    });
  });

  it('about results says who voted and names no winner', () => {
    const { text } = render(catalogue, 'results', { cycle_id: 'c1', size: 1, voters: 2, eligible: 3, abstentions: 1, turnout: '0.6667' });
    expect(text).toBe('<b>The ballot is closed and counted.</b>\n2 people of 3 voted (66.7 %) on 1 topic.');
  });

  it.each([
    ['run_failed', { pipeline: 'news', run_id: 'r1', failures: 3, error: 'x < y' }, '🔴 <b>news</b> failed 3 times in a row\n<pre>x &lt; y</pre>\nRun <code>r1</code>'],
    ['run_failed', { pipeline: 'news', run_id: 'r1' }, '🔴 <b>news</b> failed\nRun <code>r1</code>'],
    ['run_recovered', { pipeline: 'news', run_id: 'r2' }, '🟢 <b>news</b> works again\nRun <code>r2</code>'],
    ['run_missed', { pipeline: 'news' }, '🟡 <b>news</b> missed an occurrence'],
    ['submission_rejected', { reason: 'نظر شما پذیرفته نشد.' }, 'نظر شما پذیرفته نشد.'],
  ])('%s %j', (messageType, content, text) => {
    expect(render(catalogue, messageType, content).text).toBe(text);
  });

  it('says which value its content lacks', () => {
    expect(() => render(catalogue, 'text', {})).toThrow(new BadContent('text', 'text', undefined));
    expect(() => render(catalogue, 'results', { turnout: '0.5', voters: '2' })).toThrow('content.voters must be a number, and is string');
    expect(() => render(catalogue, 'ballot_opened', { size: 1, topics: ['a'], ends_at: 'soon' })).toThrow('content.ends_at must be an ISO 8601 time');
  });

  it('that no catalogue has is named with those that there are', () => {
    expect(() => render(catalogue, 'birthday', {})).toThrow(UnknownMessageType);
    expect(() => render(catalogue, 'toString', {})).toThrow(/there is no text for the message type "toString"; there is ballot_opened, .*text/);
  });

  it('has one place only', () => {
    expect(() => mergeCatalogues(houseTexts, { text: () => ({ text: '' }) })).toThrow(DuplicateText);
  });
});

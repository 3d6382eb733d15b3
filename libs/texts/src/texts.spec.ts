import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BadContent, DuplicateText, escapeHtml, html, inUtc, mergeCatalogues, numberOf, optionalTextOf, render, textOf, textsOf, timeOf, UnknownMessageType } from './index.js';
import type { Catalogue } from './index.js';

const greetings: Catalogue = { hello: (content) => ({ text: html`Hello ${textOf(content, 'name')}`.source }) };
const farewells: Catalogue = { bye: () => ({ text: 'Bye' }) };

describe('a template', () => {
  it('escapes what is put in, also in attributes, and leaves HTML as it is', () => {
    expect(html`<a href="${'x" onclick="y'}">${'<b>'} &c</a>${html`<i>${1}</i>`}${[html`a`, html`b`]}`.source).toBe('<a href="x&quot; onclick=&quot;y">&lt;b&gt; &c</a><i>1</i>ab');
  });

  it('never lets content become markup', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(escapeHtml(text)).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/)));
  });
});

describe('a catalogue', () => {
  it('made of several has the texts of all', () => {
    const catalogue = mergeCatalogues(greetings, farewells);
    expect(render(catalogue, 'hello', { name: 'A & B' })).toEqual({ text: 'Hello A &amp; B' });
    expect(render(catalogue, 'bye', {})).toEqual({ text: 'Bye' });
  });

  it('has one place for each text', () => {
    expect(() => mergeCatalogues(greetings, { hello: () => ({ text: '' }) })).toThrow(DuplicateText);
  });

  it('names the texts that there are when it lacks one', () => {
    expect(() => render(greetings, 'birthday', {})).toThrow(UnknownMessageType);
    expect(() => render(mergeCatalogues(greetings, farewells), 'toString', {})).toThrow('there is no text for the message type "toString"; there is bye, hello');
  });
});

describe('content', () => {
  const content = { name: 'Trams', count: 3, topics: ['a', 'b'], at: '2026-01-07T08:00:30+01:00', blank: ' ', nothing: null };

  it('is read field by field', () => {
    expect([textOf(content, 'name'), numberOf(content, 'count'), textsOf(content, 'topics'), inUtc(timeOf(content, 'at'))]).toEqual(['Trams', 3, ['a', 'b'], '2026-01-07 07:00 UTC']);
    expect([optionalTextOf(content, 'name'), optionalTextOf(content, 'nothing'), optionalTextOf(content, 'absent')]).toEqual(['Trams', undefined, undefined]);
  });

  it.each<[string, () => unknown, string]>([
    ['missing', () => textOf(content, 'absent'), 'content.absent must be text, and is missing'],
    ['blank', () => textOf(content, 'blank'), 'content.blank must be text, and is string'],
    ['of another type', () => numberOf(content, 'topics'), 'content.topics must be a number, and is a list'],
    ['no list of texts', () => textsOf({ topics: ['a', 1] }, 'topics'), 'content.topics must be a list of texts, and is a list'],
    ['no time', () => timeOf(content, 'name'), 'content.name must be an ISO 8601 time, and is string'],
    ['optional and of another type', () => optionalTextOf(content, 'count'), 'content.count must be text, and is number'],
  ])('that is %s is named', (_what, read, message) => {
    expect(read).toThrow(BadContent);
    expect(read).toThrow(message);
  });
});

import { describe, expect, it } from '@jest/globals';
import { html } from '@carillon/texts';
import { plainOf } from '../texts/markup.js';
import { EMAIL_ADDRESS } from './email-channel.js';
import { letterOf } from './letter.js';

describe('a letter', () => {
  it('has the first line as its subject unless it has one of its own, and never two lines', () => {
    expect(letterOf({ text: '\n<b>A ballot is open</b> until Friday\nmore' }).subject).toBe('A ballot is open until Friday');
    expect(letterOf({ text: 'x', subject: 'Sign in\r\nBcc: all@example.org' }).subject).toBe('Sign in');
    expect(letterOf({ text: '😀'.repeat(500) }).subject).toBe(`${'😀'.repeat(119)}…`);
  });

  it('says the same in both bodies, with its links', () => {
    const letter = letterOf({ text: html`<b>${'1 < 2'}</b> <a href="https://example.org/?a=1&amp;b=2">here</a>\n<pre>a\nb</pre><tg-spoiler>x</tg-spoiler>`.source, buttons: [[{ text: 'Vote', url: 'https://example.org/vote' }, { text: 'Done', token: 't1' }]] });
    expect(letter.text).toBe('1 < 2 here (https://example.org/?a=1&b=2)\na\nbx\n\nVote: https://example.org/vote');
    expect(letter.html).toContain('<div><b>1 &lt; 2</b> <a href="https://example.org/?a=1&amp;b=2">here</a><br>\n<pre>a\nb</pre><span>x</span></div>\n<p><a href="https://example.org/vote">Vote</a></p>');
    expect(letter.html).not.toContain('t1');
  });

  it('links only to the web', () => {
    expect(letterOf({ text: html`<a href="${'javascript:alert(1)'}">x</a>`.source, buttons: [[{ text: 'y', url: 'javascript:alert(2)' }]] }).html).not.toContain('href');
  });
});

it('text without markup keeps what was escaped, and does not name a link twice', () => {
  expect(plainOf('a &amp;lt; &#128512; &unknown; <a href="https://example.org">https://example.org</a>')).toBe('a &lt; 😀 &unknown; https://example.org');
});

it.each([
  ['ada@example.org', true],
  ['ada+tag@mail.example.org', true],
  ['Ada <ada@example.org>', false],
  ['ada@example.org, eve@example.org', false],
  ['ada@example.org\nBcc: eve@example.org', false],
  ['ada', false],
  ['ada@localhost', false],
])('"%s" is an address: %s', (text, is) => expect(EMAIL_ADDRESS.test(text)).toBe(is));
